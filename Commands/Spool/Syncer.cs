using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>
/// Brings what was appended to the disk, on a thread of its own, so that nobody waits for the disk who does not want
/// to: at once (all that were appended meanwhile share the next wait), or every so often, or never.
/// </summary>
sealed class Syncer : IDisposable
{
    private readonly MessageSpool _spool;
    private readonly Lock _gate;
    private readonly int _everyMs;
    private readonly Action<ulong, IOException?> _synced;
    private readonly AutoResetEvent _wake = new(false);
    private readonly Thread? _thread;
    private volatile bool _stopping;

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
        _stopping = true;
        _wake.Set();
        _thread?.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            _wake.WaitOne();
            if (_everyMs > 0 && !_stopping) Thread.Sleep(_everyMs);
            Sync();
        }
    }

    private void Sync()
    {
        Segment[] segments;
        ulong sequence;
        lock (_gate) (segments, sequence) = _spool.TakeUnsynced();
        IOException? problem = null;
        try
        {
            _spool.Sync(segments);
        }
        catch (IOException refused)
        {
            problem = refused;
        }
        _synced(sequence, problem);
    }
}
