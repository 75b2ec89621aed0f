namespace TriggerFs.Fs.Operations;

/// <summary>
/// What one handle wrote and whose outcome is open: not safe yet (asynchronous) or not answered yet (synchronous).
/// fsync(2) and close(2) wait for it, and hear of a failure that no write could tell. From any thread.
/// </summary>
sealed class Unsettled
{
    private readonly Lock _gate = new();
    private readonly List<WaitingSettlement> _waiting = [];
    private readonly PollWaiters _polls = new();
    private int _messages;
    private Errno _failure;

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _messages == 0;
        }
    }

    /// <summary>What <see cref="TakeFailure"/> would tell.</summary>
    public Errno Failure
    {
        get
        {
            lock (_gate) return _failure;
        }
    }

    public void Begin()
    {
        lock (_gate) _messages++;
    }

    /// <summary>A message is settled.</summary>
    /// <param name="failure">Why it failed, when nobody else was told.</param>
    public void End(FileSystem fs, Errno failure)
    {
        WaitingSettlement[] settled = [];
        lock (_gate)
        {
            if (_failure == Errno.None) _failure = failure;
            if (--_messages > 0) return;
            if (_waiting.Count > 0)
            {
                settled = [.. _waiting];
                _waiting.Clear();
                failure = TakeFailure();
            }
        }
        foreach (WaitingSettlement waiting in settled) fs.Pending.TryAnswer(fs, waiting.Unique, failure);
        _polls.Wake(fs);
    }

    /// <summary>Whether nothing is open; if something is, the poll is woken when it no longer is.</summary>
    public bool IsWritable(ulong poll, bool wake)
    {
        lock (_gate)
        {
            if (_messages > 0 && wake) _polls.Add(poll);
            return _messages == 0;
        }
    }

    /// <summary>Answers now when nothing is open, or the caller may not wait; else when it is settled.</summary>
    public Errno Settle(FileSystem fs, ulong unique, bool mayWait)
    {
        lock (_gate)
        {
            if (_messages == 0 || !mayWait) return TakeFailure();
            var waiting = new WaitingSettlement(this, unique);
            _waiting.Add(waiting);
            fs.Pending.Add(unique, waiting);
            return Errno.Later;
        }
    }

    /// <summary>A failure is told once.</summary>
    public Errno TakeFailure()
    {
        lock (_gate)
        {
            Errno failure = _failure;
            _failure = Errno.None;
            return failure;
        }
    }

    /// <summary>An fsync or a close that waits.</summary>
    private sealed class WaitingSettlement(Unsettled unsettled, ulong unique) : IPending
    {
        public ulong Unique => unique;

        Errno IPending.Interrupted(FileSystem fs, ref ReplyWriter reply)
        {
            lock (unsettled._gate) unsettled._waiting.Remove(this);
            return Errno.EINTR;
        }
    }
}
