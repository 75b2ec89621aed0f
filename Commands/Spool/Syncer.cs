using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>
/// Brings what was appended to the disk, on a thread of its own, so that nobody waits for the disk who does not want
/// to: at once (all that were appended meanwhile share the next wait), or every so often, or never. What the disk
/// refuses is tried again until it takes it.
/// </summary>
sealed class Syncer : IDisposable
{
    /// <summary>How long a disk that refused is left alone, in ms, when nothing is written meanwhile.</summary>
    private const int RetryMs = 1000;

    private readonly MessageSpool _spool;
    private readonly Lock _gate;
    private readonly int _everyMs;
    private readonly Action<ulong, IOException?> _synced;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEvent _stop = new(false);
    private readonly Thread? _thread;

    /// <param name="gate">The lock under which the spool is used.</param>
    /// <param name="synced">
    /// Hears, without the lock, up to which sequence all is on the disk, or why it is not.
    /// </param>
    public Syncer(MessageSpool spool, Lock gate, SpoolOptions options, Action<ulong, IOException?> synced)
    {
        _spool = spool;
        _gate = gate;
        _synced = synced;
        _everyMs = (int)options.Sync.Every.TotalMilliseconds;
        if (options.Sync == SyncRule.None) return;
        _thread = new(Run) { Name = "spool", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Something was appended. Cheap, and does not allocate.</summary>
    public void Appended()
    {
        if (_thread is not null) _wake.Set();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        WaitHandle[] stopOrWake = [_stop, _wake];
        bool isRefused = false;
        bool isOver = false;
        while (!isOver)
        {
            int waited = WaitHandle.WaitAny(stopOrWake, isRefused ? Math.Max(_everyMs, RetryMs) : Timeout.Infinite);
            isOver = waited == 0 || _stop.WaitOne(_everyMs);
            isRefused = !Sync();
        }
    }

    private bool Sync()
    {
        Segment[] segments;
        ulong sequence;
        lock (_gate) (segments, sequence) = _spool.TakeUnsynced();
        (Segment[] failed, IOException? problem) = _spool.Sync(segments);
        if (failed.Length > 0)
            lock (_gate) _spool.GiveBack(failed);
        _synced(sequence, problem);
        return problem is null;
    }
}
