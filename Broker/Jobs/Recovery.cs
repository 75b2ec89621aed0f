using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>What a sender had of a request when it took it up again after the broker had restarted.</summary>
sealed class Recovery(IReadOnlyList<ReclaimedRun> runs)
{
    /// <summary>No more workers are waited for.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Answers that the sender lacked when the first worker came back; 0 before.</summary>
    public int Owed { get; set; }

    public bool HasFinished(string worker)
    {
        foreach (ReclaimedRun run in runs)
            if (run.Finished && run.Worker == worker) return true;
        return false;
    }

    /// <summary>How far the sender had consumed the worker's output.</summary>
    public ulong OffsetOf(string worker)
    {
        foreach (ReclaimedRun run in runs)
            if (run.Worker == worker) return run.Offset;
        return 0;
    }
}

/// <summary>A run that a worker held over a restart of the broker, until its sender comes back, too.</summary>
sealed record Orphan(JobRun Run, HeldRun Held);

/// <summary>Runs without a sender, by the request that they belong to.</summary>
sealed class Orphans
{
    private readonly Dictionary<(SessionId Session, RequestId Request), List<Orphan>> _orphans = [];

    public int Count { get; private set; }

    public void Add(Orphan orphan)
    {
        (SessionId, RequestId) key = (orphan.Held.Session, orphan.Held.Request);
        if (!_orphans.TryGetValue(key, out List<Orphan>? list)) _orphans[key] = list = [];
        list.Add(orphan);
        Count++;
    }

    /// <summary>Takes out all of a request.</summary>
    public IReadOnlyList<Orphan> Take(SessionId session, RequestId request)
    {
        if (!_orphans.Remove((session, request), out List<Orphan>? list)) return [];
        Count -= list.Count;
        return list;
    }

    /// <summary>Takes one out; does nothing when it is not here.</summary>
    public void Remove(JobRun run)
    {
        if (Count == 0) return;
        foreach (((SessionId, RequestId) key, List<Orphan> list) in _orphans)
        {
            if (list.RemoveAll(orphan => orphan.Run == run) == 0) continue;
            Count--;
            if (list.Count == 0) _orphans.Remove(key);
            return;
        }
    }
}
