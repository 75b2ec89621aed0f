using System.Runtime.CompilerServices;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Failed;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// mkdir, rmdir, mv and chmod: what is certainly wrong is refused here, the rest is the broker's to decide, and the
/// reply waits for it.
/// </summary>
static class Changing
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Times and sizes are accepted and mean nothing (touch, truncate, rsync --inplace). A new mode goes to the broker;
    /// an owner cannot be given away, but the one that it has may be set again (cp -a).
    /// </summary>
    public static Errno Setattr(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        SetattrIn wanted = request.Fixed<SetattrIn>();
        if (fs.Tree.Find(request.Nodeid) is not { IsGone: false } entry) return Errno.ESTALE;
        if (entry.IsReserved) return Errno.EROFS;
        if ((wanted.Valid & SetattrValid.Uid) != 0 && wanted.Uid != fs.Options.Uid) return Errno.EPERM;
        if ((wanted.Valid & SetattrValid.Gid) != 0 && wanted.Gid != fs.Options.Gid) return Errno.EPERM;
        uint mode = wanted.Mode & FileType.PermissionMask;
        if ((wanted.Valid & SetattrValid.Mode) == 0 || entry.Node.Mode == mode)
        {
            AttrOut answer = Attributes.Reply(fs, entry);
            reply.Put(in answer);
            return Errno.None;
        }
        return SetMode(fs, request.Unique, entry, mode);
    }

    private static Errno SetMode(FileSystem fs, ulong unique, TreeEntry entry, uint mode) =>
        Ask(fs, unique, new TreeChange.SetMode(entry.Id, mode), () => entry.Node.Mode == mode, errno =>
        {
            TreeNode changed = entry.Node with { Mode = (ushort)mode };
            if (errno != Errno.None) fs.Pending.TryAnswer(fs, unique, errno);
            else fs.Pending.TryAnswer(fs, unique, Attributes.Momentary(Attributes.Of(fs, entry, changed)));
        });

    /// <summary>Body: MkdirIn, name. The kernel has applied the umask.</summary>
    public static Errno Mkdir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        uint mode = request.Fixed<MkdirIn>().Mode & FileType.PermissionMask;
        int at = Unsafe.SizeOf<MkdirIn>();
        Errno errno = NewName(fs, request, request.Nodeid, at, out TreeEntry parent, out string name);
        if (errno != Errno.None) return errno;
        ulong unique = request.Unique;
        byte[] nameUtf8 = Encoding.UTF8.GetBytes(name);
        return Ask(
            fs,
            unique,
            new TreeChange.MakeDirectory(parent.Id, name, mode),
            () => fs.Tree.Lookup(parent, nameUtf8, remember: false) is not null,
            made => FinishMkdir(fs, unique, parent, nameUtf8, made));
    }

    /// <summary>Body: name.</summary>
    public static Errno Rmdir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(0, out ReadOnlySpan<byte> bytes)) return Errno.EIO;
        Errno errno = OldName(fs, request.Nodeid, bytes, out TreeEntry entry);
        if (errno != Errno.None) return errno;
        if (!entry.IsDirectory) return Errno.ENOTDIR;
        if (!fs.Tree.IsEmpty(entry)) return Errno.ENOTEMPTY;
        ulong unique = request.Unique;
        return Ask(
            fs,
            unique,
            new TreeChange.RemoveDirectory(entry.Parent.Id, entry.Node.Name),
            () => entry.IsGone,
            removed => fs.Pending.TryAnswer(fs, unique, removed));
    }

    /// <summary>Body: RenameIn, old name, new name.</summary>
    public static Errno Rename(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        Move(fs, request, request.Fixed<RenameIn>().Newdir, Unsafe.SizeOf<RenameIn>());

    /// <summary>
    /// Body: Rename2In, old name, new name. Exchanging and whiteouts are not done: EINVAL, as rename(2) has it.
    /// </summary>
    public static Errno Rename2(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        Rename2In wanted = request.Fixed<Rename2In>();
        bool isKnown = (wanted.Flags & ~RenameFlags.NoReplace) == 0;
        return isKnown ? Move(fs, request, wanted.Newdir, Unsafe.SizeOf<Rename2In>()) : Errno.EINVAL;
    }

    private static Errno Move(FileSystem fs, scoped in FuseRequest request, ulong newDirectory, int at)
    {
        if (!request.TryName(at, out ReadOnlySpan<byte> oldName)) return Errno.EIO;
        int atNew = at + oldName.Length + 1;
        Errno errno = OldName(fs, request.Nodeid, oldName, out TreeEntry entry);
        if (errno != Errno.None) return errno;
        errno = NewName(fs, request, newDirectory, atNew, out TreeEntry parent, out string name);
        if (errno != Errno.None) return errno;
        if (entry.IsDirectory && fs.Tree.IsWithin(parent, entry)) return Errno.EINVAL;
        if (!entry.IsDirectory && parent == fs.Tree.Root) return Errno.EPERM; // The root holds directories only.
        (NodeId oldParent, string before) = (entry.Parent.Id, entry.Node.Name);
        ulong unique = request.Unique;
        return Ask(
            fs,
            unique,
            new TreeChange.Rename(entry.Id, parent.Id, name),
            () => entry.Parent == parent && entry.Node.Name == name,
            moved =>
            {
                if (moved == Errno.None && !entry.IsDirectory) fs.Renames.Add(oldParent, before, name);
                fs.Pending.TryAnswer(fs, unique, moved);
            });
    }

    private static Errno Ask(
        FileSystem fs, ulong unique, TreeChange change, Func<bool> isShown, Action<Errno> finish) =>
        ChangeReply.Ask(fs, unique, change, isShown, finish, Errnos.OfChange);

    /// <summary>The new directory is told with its number, which only the tree has.</summary>
    private static void FinishMkdir(FileSystem fs, ulong unique, TreeEntry parent, byte[] name, Errno errno)
    {
        if (errno != Errno.None)
        {
            fs.Pending.TryAnswer(fs, unique, errno);
            return;
        }
        TreeEntry? made = fs.Tree.Lookup(parent, name, remember: true);
        if (made is null)
        {
            Log.NotShown(fs.Log, Encoding.UTF8.GetString(name));
            fs.Pending.TryAnswer(fs, unique, Errno.EIO);
        }
        else if (!fs.Pending.TryAnswer(fs, unique, Attributes.Entry(fs, made)))
        {
            fs.Tree.Forget(made.Id.Value, 1); // Interrupted: the kernel was not given it after all.
        }
    }

    private static Errno OldName(FileSystem fs, ulong directory, ReadOnlySpan<byte> name, out TreeEntry entry)
    {
        entry = fs.Tree.Root;
        if (name.Length > Limits.FileNameMax) return Errno.ENAMETOOLONG;
        if (fs.Tree.Find(directory) is not { IsGone: false } parent) return Errno.ESTALE;
        if (fs.Tree.Lookup(parent, name, remember: false) is not { } found) return Errno.ENOENT;
        if (found.IsReserved) return Errno.EROFS;
        entry = found;
        return Errno.None;
    }

    /// <summary>A name for something new: free, and by the rules of file names here.</summary>
    private static Errno NewName(
        FileSystem fs, scoped in FuseRequest request, ulong directory, int at, out TreeEntry parent, out string name)
    {
        (parent, name) = (fs.Tree.Root, "");
        if (!request.TryName(at, out ReadOnlySpan<byte> bytes)) return Errno.EIO;
        if (bytes.Length > Limits.FileNameMax) return Errno.ENAMETOOLONG;
        if (FailedNode.Is(directory)) return Errno.EROFS;
        if (fs.Tree.Find(directory) is not { IsGone: false, IsDirectory: true } found) return Errno.ESTALE;
        if (found.IsReserved) return Errno.EROFS;
        if (fs.Tree.Lookup(found, bytes, remember: false) is not null) return Errno.EEXIST;
        if (bytes.StartsWith("."u8)) return Errno.EPERM; // Kept for triggerFS itself.
        try
        {
            name = StrictUtf8.GetString(bytes);
            TriggerPath.CheckComponent(name);
        }
        catch (Exception problem) when (problem is ArgumentException or TriggerException)
        {
            return Errno.EINVAL;
        }
        parent = found;
        return Errno.None;
    }
}
