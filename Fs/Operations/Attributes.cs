using TriggerFs.Core.Messages;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>What stat(2) shows of an entry.</summary>
static class Attributes
{
    /// <summary>
    /// How long the kernel may believe us, in s. Changes are notified at once; this bounds what a bug could do.
    /// </summary>
    public const ulong ValidS = 60;

    /// <summary>
    /// st_blksize: what stdio, python and coreutils use as the size of their buffers, so a message of up to 512 KiB
    /// arrives whole from programs that buffer.
    /// </summary>
    public const uint BlockSize = 512 * 1024;

    public static Attr Of(FileSystem fs, TreeEntry entry) => Of(fs, entry, entry.Node);

    public static Attr Of(FileSystem fs, TreeEntry entry, TreeNode node)
    {
        // A trigger is modified when it fires, and changed when its rules are.
        long modifiedMs = entry.IsDirectory ? node.ChangedUnixMs : Math.Max(node.FiredUnixMs, node.CreatedUnixMs);
        (ulong seconds, uint nanoseconds) = Time(modifiedMs);
        (ulong changedS, uint changedNs) = Time(node.ChangedUnixMs);
        return new()
        {
            Ino = entry.Id.Value,
            Size = fs.Followers.TryGetSize(entry.Id, out long size) ? (ulong)size : 0,
            Mode = Mode(fs, entry, node),
            Nlink = entry.IsGone ? 0 : entry.IsDirectory ? 2 + (uint)entry.Subdirectories : 1,
            Uid = fs.Options.Uid,
            Gid = fs.Options.Gid,
            Blksize = BlockSize,
            Atime = seconds,
            Atimensec = nanoseconds,
            Mtime = seconds,
            Mtimensec = nanoseconds,
            Ctime = changedS,
            Ctimensec = changedNs,
        };
    }

    public static EntryOut Entry(FileSystem fs, TreeEntry entry) => new()
    {
        Nodeid = entry.Id.Value,
        Generation = entry.Generation,
        EntryValid = ValidS,
        AttrValid = ValidOf(fs, entry),
        Attr = Of(fs, entry),
    };

    public static AttrOut Reply(FileSystem fs, TreeEntry entry) =>
        new() { AttrValid = ValidOf(fs, entry), Attr = Of(fs, entry) };

    /// <summary>
    /// For a reply that comes later: a notice of the next change may have overtaken it, so it is not remembered.
    /// </summary>
    public static AttrOut Momentary(in Attr attr) => new() { Attr = attr };

    /// <summary>The size of a trigger that is followed grows with each byte of output.</summary>
    private static ulong ValidOf(FileSystem fs, TreeEntry entry) =>
        fs.Followers.TryGetSize(entry.Id, out _) ? 0 : ValidS;

    private static uint Mode(FileSystem fs, TreeEntry entry, TreeNode node)
    {
        uint all = entry.IsDirectory ? FileType.AllOfDirectory : FileType.AllOfTrigger;
        uint bits = fs.Options.Umask is { } umask && !entry.IsReserved
            ? all & ~umask : node.Mode & FileType.PermissionMask;
        return (entry.IsDirectory ? FileType.Directory : FileType.Regular) | bits;
    }

    /// <summary>A time as stat(2) has it.</summary>
    public static (ulong Seconds, uint Nanoseconds) Time(long unixMs)
    {
        long ms = Math.Max(unixMs, 0);
        return ((ulong)(ms / 1000), (uint)(ms % 1000) * 1_000_000);
    }
}
