using System.Runtime.CompilerServices;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Failed;

/// <summary>
/// mv and rm of a message that was given up: <c>request</c> is the message. Moved onto a trigger it is sent there,
/// removed it is dropped; the other files and the folder go with it.
/// </summary>
static class FailedChanging
{
    public static Errno Refuse(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) => Errno.EROFS;

    /// <summary>What is not open for writing.</summary>
    public static Errno Write(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) => Errno.EBADF;

    /// <summary>
    /// Body: the name. To remove what tells of a message is no harm and does nothing while it is there, so that rm -r
    /// may begin with any of them.
    /// </summary>
    public static Errno Unlink(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(0, out ReadOnlySpan<byte> name)) return Errno.EIO;
        if (!FailedNode.Of(request.Nodeid).TryChild(name, out FailedNode file)) return Errno.ENOENT;
        if (file.IsFolder) return Errno.EISDIR;
        ulong unique = request.Unique;
        return FailedLooking.Find(fs, unique, file, Errno.ENOENT, files =>
        {
            if (file.Part == FailedPart.Request)
                fs.Failed.Source.Drop(file.Message, failure => Finish(fs, unique, files, failure));
            else
            {
                fs.Failed.TryRemove(file.Message, file.Part);
                fs.Pending.TryAnswer(fs, unique, Errno.None);
            }
        });
    }

    /// <summary>Body: the name. The folder of a message goes with the message, and not before.</summary>
    public static Errno Rmdir(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(0, out ReadOnlySpan<byte> name)) return Errno.EIO;
        if (!FailedNode.Of(request.Nodeid).TryChild(name, out FailedNode folder)) return Errno.ENOENT;
        if (!folder.IsFolder) return Errno.ENOTDIR;
        ulong unique = request.Unique;
        return FailedLooking.Find(fs, unique, folder, Errno.ENOENT, files =>
        {
            bool isGone = !files.Has(FailedPart.Request);
            if (isGone) fs.Failed.TryRemoveFolder(folder.Message);
            fs.Pending.TryAnswer(fs, unique, isGone ? Errno.None : Errno.ENOTEMPTY);
        });
    }

    /// <summary>Body: RenameIn, old name, new name.</summary>
    public static Errno Rename(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        Move(fs, request, request.Fixed<RenameIn>().Newdir, Unsafe.SizeOf<RenameIn>(), flags: 0);

    /// <summary>Body: Rename2In, old name, new name.</summary>
    public static Errno Rename2(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        Rename2In wanted = request.Fixed<Rename2In>();
        bool isKnown = (wanted.Flags & ~RenameFlags.NoReplace) == 0;
        return isKnown ? Move(fs, request, wanted.Newdir, Unsafe.SizeOf<Rename2In>(), wanted.Flags) : Errno.EINVAL;
    }

    /// <summary>
    /// The kernel believes that the trigger's name now is the request's. It has not remembered that one for any time,
    /// so it asks for the name before it uses it, and finds the trigger, which never was away.
    /// </summary>
    private static Errno Move(FileSystem fs, scoped in FuseRequest request, ulong newDirectory, int at, uint flags)
    {
        if (!request.TryName(at, out ReadOnlySpan<byte> oldName)) return Errno.EIO;
        if (!request.TryName(at + oldName.Length + 1, out ReadOnlySpan<byte> newName)) return Errno.EIO;
        if (!FailedNode.Of(request.Nodeid).TryChild(oldName, out FailedNode file)) return Errno.ENOENT;
        Errno errno = Target(fs, newDirectory, newName, out TreeEntry trigger);
        if (errno != Errno.None) return errno;
        if (file.Part != FailedPart.Request) return Errno.EPERM; // A folder is none, and the others are no message.
        if ((flags & RenameFlags.NoReplace) != 0) return Errno.EEXIST;
        ulong unique = request.Unique;
        return FailedLooking.Find(fs, unique, file, Errno.ENOENT, files => fs.Failed.Source.SendTo(
            file.Message, trigger.Id, failure => Finish(fs, unique, files, failure)));
    }

    /// <summary>The trigger of a name, which the session may write to.</summary>
    private static Errno Target(FileSystem fs, ulong directory, ReadOnlySpan<byte> name, out TreeEntry trigger)
    {
        trigger = fs.Tree.Root;
        if (name.Length > Limits.FileNameMax) return Errno.ENAMETOOLONG;
        if (FailedNode.Is(directory)) return Errno.EROFS;
        if (fs.Tree.Find(directory) is not { IsDirectory: true, IsGone: false } found) return Errno.ESTALE;
        if (found.IsReserved) return Errno.EROFS;
        if (fs.Tree.Lookup(found, name, remember: false) is not { } entry) return Errno.EPERM; // As any new file.
        if (entry.IsReserved) return Errno.EROFS;
        if (entry.IsDirectory) return Errno.EISDIR;
        trigger = entry;
        return entry.Node.Usable ? Errno.None : Errno.EACCES;
    }

    private static void Finish(FileSystem fs, ulong unique, FailedFiles files, ErrorCode? failure)
    {
        if (failure is null) fs.Failed.Gone(files);
        fs.Pending.TryAnswer(fs, unique, failure is { } code ? Errnos.OfFailed(code) : Errno.None);
    }
}
