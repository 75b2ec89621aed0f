using System.Runtime.InteropServices;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>
/// How often each trigger fired, counted in memory; what was counted since is taken out to be stored and shown.
/// </summary>
sealed class RosterHits
{
    private readonly Dictionary<NodeId, Counter> _counters = [];
    private readonly List<NodeId> _counted = [];

    public TriggerHits Of(NodeId trigger) =>
        _counters.TryGetValue(trigger, out Counter counter) ? new(trigger, counter.Count, counter.FiredUnixMs)
        : new(trigger, 0, 0);

    public void Restore(TriggerHits hits) =>
        _counters[hits.Trigger] = new() { Count = hits.Count, FiredUnixMs = hits.FiredUnixMs };

    /// <summary>Counts one more. Does not allocate in steady state.</summary>
    public void Add(NodeId trigger, long unixMs)
    {
        ref Counter counter = ref CollectionsMarshal.GetValueRefOrAddDefault(_counters, trigger, out _);
        counter.Count++;
        counter.FiredUnixMs = unixMs;
        if (counter.Fresh) return;
        counter.Fresh = true;
        _counted.Add(trigger);
    }

    /// <summary>Counts from nothing again; that is stored as a count is, behind those before it.</summary>
    public void Clear(NodeId trigger)
    {
        ref Counter counter = ref CollectionsMarshal.GetValueRefOrAddDefault(_counters, trigger, out _);
        counter.Count = 0;
        counter.FiredUnixMs = 0;
        if (counter.Fresh) return;
        counter.Fresh = true;
        _counted.Add(trigger);
    }

    /// <summary>Moves what was counted since the last call into a list.</summary>
    public void Take(List<TriggerHits> into)
    {
        foreach (NodeId trigger in _counted)
        {
            ref Counter counter = ref CollectionsMarshal.GetValueRefOrNullRef(_counters, trigger);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref counter)) continue;
            counter.Fresh = false;
            into.Add(new(trigger, counter.Count, counter.FiredUnixMs));
        }
        _counted.Clear();
    }

    public void Drop(NodeId trigger) => _counters.Remove(trigger);

    private struct Counter
    {
        public ulong Count;
        public long FiredUnixMs;
        public bool Fresh;
    }
}
