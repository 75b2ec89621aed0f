using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Core;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>What only looks: answered from memory, never from the network.</summary>
static class Looking
{
    /// <summary>What df shows: a file system that is never full. Zeros would make it print "-".</summary>
    private const ulong BlocksShown = 1 << 18;
    private const ulong FilesShown = 1 << 20;

    /// <summary>Body: the name.</summary>
    public static Errno Lookup(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(0, out ReadOnlySpan<byte> name)) return Errno.EIO;
        if (name.Length > Limits.FileNameMax) return Errno.ENAMETOOLONG;
        if (fs.Tree.Find(request.Nodeid) is not { } directory || directory.IsGone) return Errno.ESTALE;
        if (!directory.IsDirectory) return Errno.ENOTDIR;
        EntryOut answer = fs.Tree.Lookup(directory, name, remember: true) is { } entry
            ? Attributes.Entry(fs, entry)
            : new EntryOut { EntryValid = Attributes.ValidS }; // Nodeid 0: "not there", which the kernel remembers.
        reply.Put(in answer);
        return Errno.None;
    }

    public static Errno Forget(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        fs.Tree.Forget(request.Nodeid, request.Fixed<ForgetIn>().Nlookup);
        return Errno.None;
    }

    public static Errno BatchForget(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        ReadOnlySpan<byte> rest = request.Body[Unsafe.SizeOf<BatchForgetIn>()..];
        rest = rest[..(rest.Length - (rest.Length % Unsafe.SizeOf<ForgetOne>()))];
        ReadOnlySpan<ForgetOne> all = MemoryMarshal.Cast<byte, ForgetOne>(rest);
        uint count = request.Fixed<BatchForgetIn>().Count;
        for (int i = 0; i < all.Length && i < count; i++) fs.Tree.Forget(all[i].Nodeid, all[i].Nlookup);
        return Errno.None;
    }

    /// <summary>Also of an entry that is gone, for who has it open: with no links, as of any deleted file.</summary>
    public static Errno Getattr(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (fs.Tree.Find(request.Nodeid) is not { } entry) return Errno.ESTALE;
        AttrOut answer = Attributes.Reply(fs, entry);
        // Only lseek(2) to the end asks with a handle, as a logger does that rotates at a size: it finds nothing.
        if ((request.Fixed<GetattrIn>().GetattrFlags & GetattrFlags.Fh) != 0) answer.Attr.Size = 0;
        reply.Put(in answer);
        return Errno.None;
    }

    public static Errno Statfs(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        ulong used = (ulong)fs.Tree.Count;
        var answer = new Kstatfs
        {
            Blocks = BlocksShown,
            Bfree = BlocksShown,
            Bavail = BlocksShown,
            Files = used + FilesShown,
            Ffree = FilesShown,
            Bsize = 4096,
            Frsize = 4096,
            Namelen = Limits.FileNameMax,
        };
        reply.Put(in answer);
        return Errno.None;
    }
}
