using System.Runtime.InteropServices;
using TriggerFs.Broker.Jobs;
using TriggerFs.Core;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// How many jobs of each service and of each trigger are under way, and the requests that wait because these are as
/// many as may be at once (max-inflight).
/// </summary>
sealed class Inflight
{
    private readonly Dictionary<NodeId, int> _triggers = [];
    private readonly List<Lane> _changed = [];
    private readonly Queue<NodeId> _freed = new();

    /// <summary>Whether one more of the lane and of the trigger may run now.</summary>
    public bool HasRoom(Lane lane, NodeId trigger, int triggerMax) =>
        !IsFull(lane) && (triggerMax == 0 || Of(trigger) < triggerMax);

    public static bool IsFull(Lane lane) =>
        lane.Service.Delivery.MaxInflight is > 0 and var max && lane.Inflight >= max;

    /// <summary>Jobs of the trigger that are under way.</summary>
    public int Of(NodeId trigger) => _triggers.GetValueOrDefault(trigger);

    /// <summary>The job, whose lane is set, is under way.</summary>
    public void Enter(Job job)
    {
        job.IsInflight = true;
        job.Lane.Inflight++;
        if (job.Trigger != default) CollectionsMarshal.GetValueRefOrAddDefault(_triggers, job.Trigger, out _)++;
    }

    /// <summary>The job waits until there is room for it.</summary>
    public static void Hold(Job job) => job.Held = job.Lane.Held.AddLast(job);

    /// <summary>The job is over.</summary>
    public void Leave(Job job)
    {
        if (job.Held is { } held) job.Lane.Held.Remove(held);
        job.Held = null;
        if (!job.IsInflight) return;
        job.IsInflight = false;
        job.Lane.Inflight--;
        if (job.Trigger != default && --CollectionsMarshal.GetValueRefOrNullRef(_triggers, job.Trigger) == 0)
            _triggers.Remove(job.Trigger);
        if (job.TriggerMax > 0) _freed.Enqueue(job.Trigger);
        Changed(job.Lane);
    }

    /// <summary>There may be room in the lane for what waits.</summary>
    public void Changed(Lane lane)
    {
        if (lane.IsChanged) return;
        lane.IsChanged = true;
        _changed.Add(lane);
    }

    /// <summary>A lane that has room for more than before; false when there is none.</summary>
    public bool TryTake(out Lane lane)
    {
        lane = null!;
        if (_changed.Count == 0) return false;
        lane = _changed[^1];
        _changed.RemoveAt(_changed.Count - 1);
        lane.IsChanged = false;
        return true;
    }

    /// <summary>A trigger of which one less is under way than before; false when there is none.</summary>
    public bool TryTake(out NodeId trigger) => _freed.TryDequeue(out trigger);

    /// <summary>Takes out the oldest request of a lane that may run now; null when none may.</summary>
    public Job? Release(Lane lane)
    {
        if (IsFull(lane)) return null;
        for (LinkedListNode<Job>? one = lane.Held.First; one is not null; one = one.Next)
        {
            Job job = one.Value;
            if (!HasRoom(lane, job.Trigger, job.TriggerMax)) continue;
            lane.Held.Remove(one);
            job.Held = null;
            return job;
        }
        return null;
    }
}
