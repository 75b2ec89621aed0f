using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>The end of a pipe that a program's output comes out of, on the loop.</summary>
sealed class OutputPipe
{
    private readonly Watch _watch;
    private readonly int _fd;

    public OutputPipe(EventLoop loop, int fd, Func<bool> ready)
    {
        _fd = fd;
        _watch = loop.Watch(fd, Interest.Read, _ => ready());
    }

    /// <summary>False once the end was read, or it was closed from here.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>The last read found nothing.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Not read at the moment: the program waits when the pipe is full.</summary>
    public bool IsPaused => IsOpen && _watch.Interest == Interest.None;

    public void Pause()
    {
        if (IsOpen) _watch.Interest = Interest.None;
        IsEmpty = false;
    }

    public void Resume()
    {
        if (IsOpen) _watch.Interest = Interest.Read;
    }

    /// <summary>Reads what is there; 0 when nothing is, or at the end, which closes it.</summary>
    public unsafe int Read(Span<byte> room)
    {
        nint length;
        fixed (byte* into = room) length = Native.Read(_fd, into, room.Length);
        IsEmpty = length < 0;
        if (length == 0 || (length < 0 && Native.Errno is not (Native.EAGAIN or Native.EINTR))) Close();
        return Math.Max(0, (int)length);
    }

    public void Close()
    {
        if (!IsOpen) return;
        IsOpen = false;
        _watch.Dispose();
        Native.Close(_fd);
    }
}
