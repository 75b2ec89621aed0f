using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Fs.Kernel;

/// <summary>Takes mounts away: politely, lazily, and the connection itself when a thread still waits on it.</summary>
static class Unmounting
{
    /// <summary>
    /// True when this mount is not there any more; false when a program still has a file open.
    /// </summary>
    public static bool TryUnmount(string path, int connection)
    {
        if (!IsThere(path, connection)) return true;
        if (Native.Geteuid() != 0) return Fusermount.Unmount(path, lazily: false) is null;
        return Native.Umount2(path, 0) == 0 || Native.LastError is Errno.EINVAL or Errno.ENOENT;
    }

    /// <summary>
    /// Whether the mount of that connection is at the path: it may be gone, and another one be there instead.
    /// </summary>
    public static bool IsThere(string path, int connection) =>
        MountTable.At(path) is { FileSystem: MountTable.Type } mount && mount.DeviceMinor == connection;

    /// <summary>Takes the mount out of the tree though files on it may be open.</summary>
    public static void Detach(string path)
    {
        if (Native.Geteuid() == 0)
        {
            if (Native.Umount2(path, Native.MNT_DETACH) < 0) throw Stuck(path, Native.LastError.ToString());
        }
        else if (Fusermount.Unmount(path, lazily: true) is { } complaint)
        {
            throw Stuck(path, complaint);
        }
    }

    /// <summary>
    /// Ends the connection: every request fails with ENOTCONN or ECONNABORTED, and who reads the device gets ENODEV.
    /// Its owner may do so in sysfs, root also through the mount.
    /// </summary>
    public static void Abort(string path, int connection)
    {
        try
        {
            string number = connection.ToString(CultureInfo.InvariantCulture);
            File.WriteAllText($"/sys/fs/fuse/connections/{number}/abort", "1");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (IsThere(path, connection) && Native.Geteuid() == 0)
                _ = Native.Umount2(path, Native.MNT_FORCE | Native.MNT_DETACH);
        }
    }

    private static TriggerException Stuck(string path, string why) =>
        new(ErrorCode.Busy, $"{path} cannot be unmounted", why, $"as root: umount -l {path}");
}
