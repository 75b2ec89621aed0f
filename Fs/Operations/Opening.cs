using System.Runtime.CompilerServices;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>OPEN, CREATE, and the ends of a file: FLUSH (no end of a message), FSYNC, RELEASE.</summary>
static class Opening
{
    /// <summary>
    /// Direct I/O: each write(2) is a request of its own, and no read is answered from a cache. Neither a stream nor
    /// unseekable: dd and others seek, and offsets mean nothing here.
    /// </summary>
    private const FopenFlags Flags = FopenFlags.DirectIo;

    /// <summary>O_TRUNC and O_APPEND change nothing: a trigger has no bytes.</summary>
    public static Errno Open(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (fs.Tree.Find(request.Nodeid) is not { } entry || entry.IsGone) return Errno.ESTALE;
        if (entry.IsDirectory) return Errno.EISDIR;
        uint flags = request.Fixed<OpenIn>().Flags;
        Errno errno = Refusal(entry, flags);
        if (errno == Errno.None) Answer(fs, entry, flags, ref reply);
        return errno;
    }

    /// <summary>
    /// The kernel sends it for a name that it believes to be free. No file is made by writing; but a trigger that has
    /// come into being meanwhile is opened.
    /// </summary>
    public static Errno Create(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        CreateIn wanted = request.Fixed<CreateIn>();
        if (!request.TryName(Unsafe.SizeOf<CreateIn>(), out ReadOnlySpan<byte> name)) return Errno.EIO;
        if (name.Length > Limits.FileNameMax) return Errno.ENAMETOOLONG;
        if (fs.Tree.Find(request.Nodeid) is not { IsDirectory: true, IsGone: false } directory) return Errno.ESTALE;
        if (fs.Tree.Lookup(directory, name, remember: false) is not { } entry)
        {
            if (directory.IsReserved) return Errno.EROFS;
            fs.Renames.Complain(fs, directory.Id, Encoding.UTF8.GetString(name));
            return Errno.EPERM;
        }
        if ((wanted.Flags & OpenFlags.Exclusive) != 0) return Errno.EEXIST;
        if (entry.IsDirectory) return Errno.EISDIR;
        if (Refusal(entry, wanted.Flags) is not Errno.None and var errno) return errno;
        if (!fs.Tree.TryRemember(entry)) return Errno.ESTALE;
        EntryOut found = Attributes.Entry(fs, entry);
        reply.Put(in found);
        Answer(fs, entry, wanted.Flags, ref reply);
        return Errno.None;
    }

    /// <summary>
    /// Comes at every close of a duplicate, even before the first byte: never the end of a message. What was sent is
    /// waited for, unless the file was opened with O_NONBLOCK.
    /// </summary>
    public static Errno Flush(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!fs.Files.TryGet(request.Fixed<FlushIn>().Fh, out OpenFile? file)) return Errno.EBADF;
        return file.Unsettled?.Settle(fs, request.Unique, mayWait: !file.IsNonBlocking) ?? Errno.None;
    }

    /// <summary>What was written becomes safe (asynchronous) or answered (synchronous).</summary>
    public static Errno Fsync(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!fs.Files.TryGet(request.Fixed<FsyncIn>().Fh, out OpenFile? file)) return Errno.EBADF;
        if (Keeping.Sync(fs, file) is not Errno.None and var spoilt) return spoilt;
        return file.Unsettled?.Settle(fs, request.Unique, mayWait: true) ?? Errno.None;
    }

    /// <summary>
    /// The last close. What waits for its newline, or for this, goes now; nobody hears of its failure but the log.
    /// </summary>
    public static Errno Release(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!fs.Files.TryRemove(request.Fixed<ReleaseIn>().Fh, out OpenFile? file)) return Errno.EBADF;
        Keeping.Finish(fs, file);
        file.End(fs);
        fs.FreeFiles.Return(file);
        return Errno.None;
    }

    /// <summary>
    /// Who may not fire the trigger hears it here, where every program looks, and not only in the mount's log.
    /// </summary>
    private static Errno Refusal(TreeEntry entry, uint flags)
    {
        if ((flags & OpenFlags.AccessModeMask) == OpenFlags.ReadOnly) return Errno.None;
        if (entry.IsReserved) return Errno.EROFS;
        return entry.Node.Usable ? Errno.None : Errno.EACCES;
    }

    private static void Answer(FileSystem fs, TreeEntry entry, uint flags, ref ReplyWriter reply)
    {
        OpenFile file = fs.FreeFiles.Take();
        file.Begin(entry, flags);
        // Nothing is open when a blocking write has returned and nobody waits for answers: no FLUSH is needed then.
        bool mayBeUnsettled = file.CanWrite && entry.Node.Synchronous;
        var answer = new OpenOut
        {
            Fh = fs.Files.Add(file),
            OpenFlags = mayBeUnsettled ? Flags : Flags | FopenFlags.Noflush,
        };
        reply.Put(in answer);
    }
}
