using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// The runs of a worker: those under way, and those that have ended not long ago. Nothing confirms a Finished, so
/// that an ended run is kept until a link that lives has proved that it arrived, and across a link that broke before.
/// </summary>
sealed class RunTable
{
    /// <summary>How long an ended run is kept while the link lives: a link that lost it is found dead before.</summary>
    private static readonly long KeepMs = (long)(Limits.ReclaimGrace * 2).TotalMilliseconds;

    /// <summary>Ended runs that are kept at most, and bytes of their output; the oldest go first.</summary>
    private const int KeptMax = 1024, KeptBytesMax = 8 * 1024 * 1024;

    private readonly Dictionary<ulong, WorkerRun> _runs = [];
    private readonly Queue<WorkerRun> _kept = new();
    private readonly List<WorkerRun> _walk = [];
    private long _keptBytes;

    /// <summary>Runs that have not ended.</summary>
    public int Active { get; private set; }

    public WorkerRun? Find(ulong id) => _runs.GetValueOrDefault(id);

    public void Add(WorkerRun run)
    {
        _runs.Add(run.Id.Value, run);
        Active++;
    }

    /// <summary>A run has ended; it is kept for a while.</summary>
    public void Keep(WorkerRun run)
    {
        Active--;
        run.KeptSize = run.Size;
        _kept.Enqueue(run);
        _keptBytes += run.KeptSize;
        while (_kept.Count > KeptMax || _keptBytes > KeptBytesMax) DropOldest();
    }

    /// <summary>
    /// A run that had not started is taken back: the broker gives it to somebody else, or says that it is lost.
    /// </summary>
    public void TakeBack(WorkerRun run)
    {
        _runs.Remove(run.Id.Value);
        run.Dispose();
        Active--;
    }

    /// <summary>An ended run that nobody wants is not kept any longer.</summary>
    public void Drop(WorkerRun run)
    {
        if (_runs.Remove(run.Id.Value)) run.Dispose();
    }

    /// <summary>All runs, ended ones included, as they are now; valid until the next call.</summary>
    public List<WorkerRun> All()
    {
        _walk.Clear();
        _walk.AddRange(_runs.Values);
        return _walk;
    }

    /// <summary>Forgets what was kept long enough on a link that is up since a moment.</summary>
    public void Expire(long nowMs, long upSinceMs)
    {
        while (_kept.TryPeek(out WorkerRun? oldest) && nowMs - Math.Max(oldest.EndedMs, upSinceMs) > KeepMs)
            DropOldest();
    }

    private void DropOldest()
    {
        WorkerRun oldest = _kept.Dequeue();
        _keptBytes -= oldest.KeptSize;
        Drop(oldest);
    }
}
