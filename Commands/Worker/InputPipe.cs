using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// The end of a pipe that a program's standard input comes from, on the loop: what the program does not take yet is
/// kept and given to it as it reads.
/// </summary>
sealed class InputPipe(EventLoop loop, int fd)
{
    private const int KeepMax = 64 * 1024;

    private byte[] _waiting = [];
    private int _start;
    private int _end;
    private Watch? _watch;
    private bool _closing;

    /// <summary>False once it was closed, from here or by the program.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Bytes that the program has not taken.</summary>
    public int Unsent => _end - _start;

    /// <summary>Told when the program has taken all that waited.</summary>
    public Action? Drained { get; set; }

    /// <summary>Gives bytes to the program, now or as soon as it reads; nothing once it has closed its end.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen || _closing) return;
        if (Unsent == 0) bytes = bytes[Send(bytes)..];
        if (bytes.IsEmpty || !IsOpen) return;
        Keep(bytes);
        _watch ??= loop.Watch(fd, Interest.None, _ => Flush());
        _watch.Interest = Interest.Write;
    }

    /// <summary>The program's input ends behind what was written.</summary>
    public void CloseWhenSent()
    {
        _closing = true;
        if (Unsent == 0) Close();
    }

    public void Close()
    {
        if (!IsOpen) return;
        IsOpen = false;
        _watch?.Dispose();
        _waiting = [];
        _start = _end = 0;
        Native.Close(fd);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_waiting.Length - _end < bytes.Length)
        {
            byte[] room = Unsent + bytes.Length <= _waiting.Length / 2
                ? _waiting : new byte[Math.Max(4096, 2 * (Unsent + bytes.Length))];
            _waiting.AsSpan(_start, Unsent).CopyTo(room);
            (_waiting, _start, _end) = (room, 0, Unsent);
        }
        bytes.CopyTo(_waiting.AsSpan(_end));
        _end += bytes.Length;
    }

    private void Flush()
    {
        int sent = Send(_waiting.AsSpan(_start, Unsent));
        if (!IsOpen) return;
        _start += sent;
        if (Unsent > 0) return;
        _start = _end = 0;
        if (_waiting.Length > KeepMax) _waiting = [];
        _watch!.Interest = Interest.None;
        if (_closing) Close();
        Drained?.Invoke();
    }

    /// <summary>Writes what fits; a program that has closed its end wants nothing more, which is no error.</summary>
    private unsafe int Send(ReadOnlySpan<byte> bytes)
    {
        int sent = 0;
        fixed (byte* start = bytes)
        {
            while (sent < bytes.Length)
            {
                nint written = Native.Write(fd, start + sent, bytes.Length - sent);
                if (written < 0 && Native.Errno == Native.EINTR) continue;
                if (written < 0 && Native.Errno != Native.EAGAIN) Close();
                if (written <= 0) break;
                sent += (int)written;
            }
        }
        return sent;
    }
}
