namespace TriggerFs.Transport.Loop;

/// <summary>What a watch waits for. With <see cref="None"/> nothing is reported, hang-ups included.</summary>
[Flags]
enum Interest : byte
{
    None = 0,
    Read = 1,
    Write = 2,

    /// <summary>Exceptional conditions (EPOLLPRI).</summary>
    Priority = 4,
}

/// <summary>
/// What a descriptor is ready for. Error and hang-up are reported whatever the interest, as epoll does.
/// </summary>
[Flags]
enum Ready : byte
{
    Read = 1,
    Write = 2,
    Priority = 4,
    Error = 8,
    HangUp = 16,
}

/// <summary>
/// One descriptor in an <see cref="EventLoop"/>, level triggered. Dispose it before closing the descriptor; afterwards
/// no event of it is reported, not even one that was waiting. Loop's thread only.
/// </summary>
sealed class Watch : IDisposable
{
    private readonly EventLoop _loop;
    private readonly Action<Ready> _ready;
    private Interest _interest;
    private bool _disposed;

    internal Watch(EventLoop loop, int fd, ulong token, Action<Ready> ready)
    {
        _loop = loop;
        Fd = fd;
        Token = token;
        _ready = ready;
    }

    /// <summary>The watched descriptor; its owner closes it.</summary>
    public int Fd { get; }

    /// <summary>What is waited for from now on; costs a system call when it changes.</summary>
    public Interest Interest
    {
        get => _interest;
        set
        {
            if (_disposed || value == _interest) return;
            _loop.Control(this, _interest, value);
            _interest = value;
        }
    }

    /// <summary>
    /// The user data in the kernel's set: slot below, serial above, so that a late event finds nobody.
    /// </summary>
    internal ulong Token { get; }

    public void Dispose()
    {
        if (_disposed) return;
        Interest = Interest.None;
        _disposed = true;
        _loop.Forget(this);
    }

    internal void Tell(Ready ready) => _ready(ready);
}
