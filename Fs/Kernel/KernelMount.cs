using TriggerFs.Core;

namespace TriggerFs.Fs.Kernel;

/// <summary>
/// A mount of ours: made by mount(2) as root and by fusermount3 otherwise, taken away at the end, and taken away by a
/// watcher should this process die without having done so.
/// </summary>
sealed class KernelMount : IDisposable
{
    /// <summary>Between two attempts to unmount a file system that is in use, in ms.</summary>
    private const int RetryMs = 50;

    private readonly UnmountWatch? _watch;
    private readonly int _connection;

    private KernelMount(string path, FuseDevice device, bool isTemporary)
    {
        Path = path;
        Device = device;
        _connection = MountTable.At(path)?.DeviceMinor ?? -1;
        _watch = UnmountWatch.Start(path, isTemporary);
    }

    /// <summary>The real path of the mountpoint.</summary>
    public string Path { get; }

    public FuseDevice Device { get; }

    /// <summary>Mounts. The device must be read from at once: the first program that looks waits for INIT.</summary>
    public static KernelMount Mount(MountOptions options, Action<string> report)
    {
        string path = Mountpoint.Prepare(options, report);
        bool isRoot = Native.Geteuid() == 0 && !options.ByFusermount;
        FuseDevice device = isRoot ? MountAsRoot(path, options) : Fusermount.Mount(path, UserOptions(options));
        return new(path, device, options.IsTemporary);
    }

    /// <summary>
    /// Unmounts, waiting for programs with open files for at most the grace; then lazily, ending the connection. True
    /// when it went politely.
    /// </summary>
    public bool Unmount(TimeSpan grace)
    {
        long deadlineMs = Environment.TickCount64 + (long)grace.TotalMilliseconds;
        bool isPolite = Unmounting.TryUnmount(Path, _connection);
        while (!isPolite && Environment.TickCount64 < deadlineMs)
        {
            Thread.Sleep(RetryMs);
            isPolite = Unmounting.TryUnmount(Path, _connection);
        }
        if (!isPolite)
        {
            Unmounting.Abort(Path, _connection);
            if (Unmounting.IsThere(Path, _connection)) Unmounting.Detach(Path);
        }
        _watch?.Dispose();
        return isPolite;
    }

    /// <summary>Closes the device; call it when nobody reads it any more.</summary>
    public void Dispose()
    {
        _watch?.Dispose();
        Device.Dispose();
    }

    private static FuseDevice MountAsRoot(string path, MountOptions options)
    {
        FuseDevice device = FuseDevice.Open();
        string data = $"fd={device.Descriptor},rootmode=40000,user_id={Native.Geteuid()},group_id={Native.Getegid()},"
            + "default_permissions" + (options.AllowOther ? ",allow_other" : "");
        ulong flags = Native.MS_NOSUID | Native.MS_NODEV | (options.ReadOnly ? Native.MS_RDONLY : 0);
        if (Native.Mount(options.Source, path, MountTable.Type, flags, data) == 0) return device;
        Errno error = Native.LastError;
        device.Dispose();
        throw new TriggerException(
            ErrorCode.NotAllowed, $"cannot mount on {path}: {error}",
            error == Errno.EPERM ? "root without CAP_SYS_ADMIN may not mount" : null,
            error == Errno.EPERM ? "for a container: --device /dev/fuse --cap-add SYS_ADMIN" : null);
    }

    private static string UserOptions(MountOptions options) =>
        $"default_permissions,fsname={options.Source.Replace(',', '_')},subtype=triggerfs,nosuid,nodev"
        + (options.AllowOther ? ",allow_other" : "") + (options.ReadOnly ? ",ro" : "");
}
