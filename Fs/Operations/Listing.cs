using System.Runtime.CompilerServices;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// A directory that is open: what it held when its reading began, so that offsets mean something. Used for another when
/// it is closed.
/// </summary>
sealed class OpenDirectory
{
    public TreeEntry Entry { get; private set; } = null!;

    /// <summary>Replaced when the reading begins anew at offset 0.</summary>
    public TreeEntry[]? Children { get; set; }

    public void Begin(TreeEntry entry)
    {
        Entry = entry;
        Children = null;
    }
}

/// <summary>OPENDIR, READDIR and READDIRPLUS.</summary>
static class Listing
{
    private static readonly byte[] Dot = "."u8.ToArray();
    private static readonly byte[] DotDot = ".."u8.ToArray();

    public static Errno Opendir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (fs.Tree.Find(request.Nodeid) is not { } entry || entry.IsGone) return Errno.ESTALE;
        if (!entry.IsDirectory) return Errno.ENOTDIR;
        OpenDirectory directory = fs.FreeDirectories.Take();
        directory.Begin(entry);
        var answer = new OpenOut { Fh = fs.Directories.Add(directory) };
        reply.Put(in answer);
        return Errno.None;
    }

    public static Errno Releasedir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!fs.Directories.TryRemove(request.Fixed<ReleaseIn>().Fh, out OpenDirectory? directory)) return Errno.EBADF;
        fs.FreeDirectories.Return(directory);
        return Errno.None;
    }

    public static Errno Readdir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        Read(fs, request.Fixed<ReadIn>(), isPlus: false, ref reply);

    public static Errno Readdirplus(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        Read(fs, request.Fixed<ReadIn>(), isPlus: true, ref reply);

    /// <summary>
    /// Offset 0 is ".", 1 is "..", and child number i has 2 + i; each entry says where the next begins.
    /// </summary>
    private static Errno Read(FileSystem fs, in ReadIn wanted, bool isPlus, ref ReplyWriter reply)
    {
        if (!fs.Directories.TryGet(wanted.Fh, out OpenDirectory? directory)) return Errno.EBADF;
        if (wanted.Offset == 0 || directory.Children is null) directory.Children = fs.Tree.List(directory.Entry);
        TreeEntry[] children = directory.Children;
        int room = (int)Math.Min(wanted.Size, Handlers.ReadMax);
        for (ulong at = wanted.Offset; at < (ulong)children.Length + 2; at++)
        {
            bool isDot = at < 2;
            TreeEntry entry = at == 0 ? directory.Entry : at == 1 ? directory.Entry.Parent : children[(int)at - 2];
            byte[] name = at == 0 ? Dot : at == 1 ? DotDot : entry.NameUtf8;
            int size = RecordSize(name, isPlus);
            if (size > room) break;
            if (isPlus) PutEntry(fs, entry, isDot, ref reply);
            PutDirent(entry.Id.Value, entry.IsDirectory, name, next: at + 1, ref reply);
            room -= size;
        }
        return Errno.None;
    }

    /// <summary>Bytes of an entry in a READDIR, or READDIRPLUS, reply.</summary>
    public static int RecordSize(byte[] name, bool isPlus) =>
        (isPlus ? Unsafe.SizeOf<EntryOut>() : 0) + Align(Unsafe.SizeOf<Dirent>() + name.Length);

    /// <summary>
    /// Nodeid 0 gives the kernel a name without the node; so it is for what it must not count as a lookup.
    /// </summary>
    private static void PutEntry(FileSystem fs, TreeEntry entry, bool isDot, ref ReplyWriter reply)
    {
        bool isGiven = !isDot && fs.Tree.TryRemember(entry);
        EntryOut answer = isGiven ? Attributes.Entry(fs, entry) : default;
        reply.Put(in answer);
    }

    /// <param name="next">Where the entry behind it begins.</param>
    public static void PutDirent(ulong node, bool isDirectory, byte[] name, ulong next, ref ReplyWriter reply)
    {
        var dirent = new Dirent
        {
            Ino = node,
            Off = next,
            Namelen = (uint)name.Length,
            Type = FileType.DirentType(isDirectory ? FileType.Directory : FileType.Regular),
        };
        reply.Put(in dirent);
        reply.Put(name);
        int padding = Align(name.Length) - name.Length;
        reply.Rest[..padding].Clear();
        reply.Advance(padding);
    }

    /// <summary>FUSE_DIRENT_ALIGN; the struct before the name is a multiple of 8 itself.</summary>
    private static int Align(int length) => (length + 7) & ~7;
}
