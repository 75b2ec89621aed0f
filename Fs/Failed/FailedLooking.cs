using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Failed;

/// <summary>A name in a folder that is open.</summary>
readonly record struct FailedEntry(byte[] Name, ulong Node, bool IsDirectory);

/// <summary>
/// LOOKUP, GETATTR and listing in <c>.triggerfs/failed</c>. The broker is asked, so they are answered later; the kernel
/// remembers nothing of it, neither a name nor its absence.
/// </summary>
static class FailedLooking
{
    /// <summary>drwx------ and -r--------: what was written may be a secret.</summary>
    private const uint FolderMode = FileType.Directory | 0b111_000_000, FileMode = FileType.Regular | 0b100_000_000;

    /// <summary>Body: the name.</summary>
    public static Errno Lookup(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(0, out ReadOnlySpan<byte> name)) return Errno.EIO;
        FailedNode folder = FailedNode.Of(request.Nodeid);
        if (!folder.IsFolder) return Errno.ENOTDIR;
        if (name.Length > Limits.FileNameMax) return Errno.ENAMETOOLONG;
        if (!folder.TryChild(name, out FailedNode child)) return Errno.ENOENT;
        ulong unique = request.Unique;
        return Find(fs, unique, child, Errno.ENOENT, files => fs.Pending.TryAnswer(
            fs, unique, new EntryOut { Nodeid = child.Id, Attr = AttributesOf(fs, child, files.Message) }));
    }

    public static Errno Getattr(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        FailedNode node = FailedNode.Of(request.Nodeid);
        if (node == FailedNode.Root) return Looking.Getattr(fs, in request, ref reply);
        ulong unique = request.Unique;
        return Find(fs, unique, node, Errno.ESTALE, files => fs.Pending.TryAnswer(
            fs, unique, new AttrOut { Attr = AttributesOf(fs, node, files.Message) }));
    }

    public static Errno Opendir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        FailedNode folder = FailedNode.Of(request.Nodeid);
        if (!folder.IsFolder) return Errno.ENOTDIR;
        ulong unique = request.Unique;
        fs.Pending.Add(unique, Interruptible.Instance);
        fs.Failed.Look((failure, list) =>
        {
            if (failure is { } code) fs.Pending.TryAnswer(fs, unique, Errnos.OfFailed(code));
            else if (EntriesOf(fs, folder, list) is not { } entries) fs.Pending.TryAnswer(fs, unique, Errno.ESTALE);
            else Answer(fs, unique, entries);
        });
        return Errno.Later;
    }

    /// <summary>An offset is the place of an entry; each says where the next begins.</summary>
    public static Errno Readdir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        Read(fs, request.Fixed<ReadIn>(), isPlus: false, ref reply);

    public static Errno Readdirplus(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        Read(fs, request.Fixed<ReadIn>(), isPlus: true, ref reply);

    public static Errno Releasedir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        fs.Failed.Listings.TryRemove(request.Fixed<ReleaseIn>().Fh, out _) ? Errno.None : Errno.EBADF;

    /// <summary>Answers a request later: by what is found, or that it is not there, or why that is not known.</summary>
    public static Errno Find(
        FileSystem fs, ulong unique, FailedNode node, Errno missing, Action<FailedFiles> found)
    {
        fs.Pending.Add(unique, Interruptible.Instance);
        fs.Failed.Look((failure, list) =>
        {
            if (failure is { } code) fs.Pending.TryAnswer(fs, unique, Errnos.OfFailed(code));
            else if (!fs.Failed.TryFind(list, node.Message, out FailedFiles files)
                || (!node.IsFolder && !files.Has(node.Part))) fs.Pending.TryAnswer(fs, unique, missing);
            else found(files);
        });
        return Errno.Later;
    }

    private static Attr AttributesOf(FileSystem fs, FailedNode node, FailedMessage message)
    {
        long size = node.Part switch
        {
            FailedPart.Request => message.Size,
            FailedPart.Reason => Encoding.UTF8.GetByteCount(message.Reason),
            FailedPart.Output => message.Printed,
            _ => 0,
        };
        (ulong seconds, uint nanoseconds) = Attributes.Time(message.DiedUnixMs);
        return new()
        {
            Ino = node.Id,
            Size = (ulong)size,
            Blocks = (ulong)(size + 511) / 512, // None would be a hole, which cp does not read.
            Mode = node.IsFolder ? FolderMode : FileMode,
            Nlink = node.IsFolder ? 2u : 1,
            Uid = fs.Options.Uid,
            Gid = fs.Options.Gid,
            Blksize = Attributes.BlockSize,
            Atime = seconds,
            Atimensec = nanoseconds,
            Mtime = seconds,
            Mtimensec = nanoseconds,
            Ctime = seconds,
            Ctimensec = nanoseconds,
        };
    }

    /// <summary>All in a folder, itself and its parent first; null when there is no such folder.</summary>
    private static FailedEntry[]? EntriesOf(FileSystem fs, FailedNode folder, FailedList list)
    {
        ulong above = folder == FailedNode.Root ? fs.Tree.Reserved.Id.Value : FailedNode.Root.Id;
        FailedEntry[] dots = [new([(byte)'.'], folder.Id, true), new([(byte)'.', (byte)'.'], above, true)];
        if (folder == FailedNode.Root)
            return [.. dots, .. list.Messages.Select(message => EntryOf(new(message.Id, FailedPart.None)))];
        if (!fs.Failed.TryFind(list, folder.Message, out FailedFiles files)) return null;
        return [.. dots, .. FailedNode.FilesOf(folder.Message).Where(file => files.Has(file.Part)).Select(EntryOf)];
    }

    private static FailedEntry EntryOf(FailedNode node) => new(node.NameUtf8, node.Id, node.IsFolder);

    private static void Answer(FileSystem fs, ulong unique, FailedEntry[] entries)
    {
        ulong fh = fs.Failed.Listings.Add(entries);
        if (!fs.Pending.TryAnswer(fs, unique, new OpenOut { Fh = fh })) fs.Failed.Listings.TryRemove(fh, out _);
    }

    private static Errno Read(FileSystem fs, in ReadIn wanted, bool isPlus, ref ReplyWriter reply)
    {
        if (!fs.Failed.Listings.TryGet(wanted.Fh, out FailedEntry[]? entries)) return Errno.EBADF;
        int room = (int)Math.Min(wanted.Size, Handlers.ReadMax);
        for (ulong at = wanted.Offset; at < (ulong)entries.Length; at++)
        {
            FailedEntry entry = entries[at];
            room -= Listing.RecordSize(entry.Name, isPlus);
            if (room < 0) break;
            if (isPlus) reply.Put(default(EntryOut)); // A name without its node, which is looked up when it is needed.
            Listing.PutDirent(entry.Node, entry.IsDirectory, entry.Name, next: at + 1, ref reply);
        }
        return Errno.None;
    }
}

/// <summary>A request that may be answered at any time: nothing goes on for it that a signal could end.</summary>
sealed class Interruptible : IPending
{
    public static readonly Interruptible Instance = new();

    private Interruptible()
    {
    }

    Errno IPending.Interrupted(FileSystem fs, ref ReplyWriter reply) => Errno.EINTR;
}
