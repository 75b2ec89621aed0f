using TriggerFs.Core;

namespace TriggerFs.Fs.Kernel;

/// <summary>
/// /dev/fuse, open and mounted: one read is one request, one write is one reply or notification. Any thread may read
/// and write. The connection ends when the last descriptor of it is closed, so ours is never inherited by children.
/// </summary>
sealed unsafe class FuseDevice : IDisposable
{
    public const string Path = "/dev/fuse";

    private int _fd;

    public FuseDevice(int fd)
    {
        _fd = fd;
        _ = Native.Fcntl(fd, Native.F_SETFD, Native.FD_CLOEXEC);
    }

    public int Descriptor => _fd;

    /// <summary>Opens the device for a mount that we make ourselves.</summary>
    public static FuseDevice Open()
    {
        int fd = Native.Open(Path, Native.O_RDWR | Native.O_CLOEXEC, 0);
        if (fd >= 0) return new(fd);
        throw CannotOpen(Native.LastError);
    }

    public static TriggerException CannotOpen(Errno error) => error switch
    {
        Errno.ENOENT or Errno.ENODEV or Errno.ENXIO => new(
            ErrorCode.Unsupported, $"cannot open {Path}: {error}",
            "this kernel has no FUSE, or this container has no such device",
            "modprobe fuse; for a container: --device /dev/fuse --cap-add SYS_ADMIN"),
        _ => new(
            ErrorCode.NotAllowed, $"cannot open {Path}: {error}", "this user may not use the device",
            $"as root: chmod 0666 {Path} (and a udev rule, so that it stays), or mount as root"),
    };

    /// <summary>Waits for one request. 0 with <paramref name="error"/> when there is none.</summary>
    public int Read(Span<byte> buffer, out Errno error)
    {
        fixed (byte* start = buffer)
        {
            nint length = Native.Read(_fd, start, buffer.Length);
            error = length < 0 ? Native.LastError : Errno.None;
            return (int)Math.Max(length, 0);
        }
    }

    /// <summary>Hands one whole reply or notification to the kernel.</summary>
    public Errno Write(ReadOnlySpan<byte> message)
    {
        fixed (byte* start = message)
            return Native.Write(_fd, start, message.Length) < 0 ? Native.LastError : Errno.None;
    }

    /// <summary>
    /// Ends the connection, unless a thread is in <see cref="Read"/>: then it ends when that one returns.
    /// </summary>
    public void Dispose()
    {
        int fd = Interlocked.Exchange(ref _fd, -1);
        if (fd >= 0) _ = Native.Close(fd);
    }
}
