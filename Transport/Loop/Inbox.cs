namespace TriggerFs.Transport.Loop;

/// <summary>
/// The actions that other threads hand to a loop. The eventfd is written only when the loop sleeps, so that a busy loop
/// costs its callers no system call.
/// </summary>
sealed unsafe class Inbox : IDisposable
{
    private readonly Lock _lock = new();
    private List<Action> _waiting = new(16);
    private List<Action> _running = new(16);
    private volatile bool _sleeping;
    private bool _closed;

    public Inbox()
    {
        WakeFd = Native.EventFd(0, Native.O_CLOEXEC | Native.O_NONBLOCK);
        if (WakeFd < 0) throw new InvalidOperationException($"eventfd failed with errno {Native.Errno}");
    }

    /// <summary>Readable when the loop is to wake up.</summary>
    public int WakeFd { get; }

    /// <summary>Takes an action, or only wakes the loop when there is none. From any thread.</summary>
    public void Post(Action? action)
    {
        lock (_lock)
        {
            if (_closed) return;
            if (action is not null) _waiting.Add(action);
            if (!_sleeping) return;
            _sleeping = false;
            ulong one = 1;
            Native.Write(WakeFd, (byte*)&one, sizeof(ulong));
        }
    }

    /// <summary>Says that the loop is about to sleep; false when something waits, so that it must not.</summary>
    public bool MaySleep()
    {
        lock (_lock)
        {
            _sleeping = _waiting.Count == 0;
            return _sleeping;
        }
    }

    public void Awake() => _sleeping = false;

    /// <summary>Whether an action waits, for a loop that spins.</summary>
    public bool HasWaiting => Volatile.Read(ref _waiting).Count > 0;

    /// <summary>Makes the eventfd unreadable again.</summary>
    public void Clear()
    {
        ulong count;
        Native.Read(WakeFd, (byte*)&count, sizeof(ulong));
    }

    /// <summary>Everything that waits now; valid until the next call.</summary>
    public List<Action> Take()
    {
        lock (_lock)
        {
            (_waiting, _running) = (_running, _waiting);
            return _running;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
            Native.Close(WakeFd);
        }
    }
}
