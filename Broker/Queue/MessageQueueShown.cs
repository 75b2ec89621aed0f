using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>What people are shown of the queue.</summary>
sealed partial class MessageQueue
{
    /// <summary>The triggers of a team that have messages without an answer, in no order.</summary>
    public IEnumerable<TriggerBacklog> BacklogsOf(TeamId team)
    {
        foreach (QueuedTrigger trigger in _triggers.Values)
        {
            if (trigger.Oldest is not { } oldest || oldest.Message.Team != team) continue;
            around.Roster.TryFindRoute(trigger.Id, out TriggerRoute? route);
            long dueUnixMs = IsForLater(oldest) ? oldest.Message.DueUnixMs : 0;
            yield return new(
                trigger.Id, route?.Service, trigger.Count, trigger.Entries - trigger.Count, trigger.Bytes,
                oldest.Message.WrittenUnixMs, dueUnixMs, WaitsFor(oldest, route));
        }
    }

    /// <summary>
    /// Messages of a trigger that no worker has, the oldest first. After a restart those that may be with one are not
    /// among them before it had its time to come back: they would be ended there.
    /// </summary>
    public IReadOnlyList<long> WaitingOf(NodeId trigger) => !_triggers.TryGetValue(trigger, out QueuedTrigger? found)
        ? [] : [.. found.Waiting.Where(entry => !(IsHeld && entry.MayRun)).Select(static entry => entry.Message.Id)];

    private static bool IsForLater(QueueEntry entry) =>
        entry is { Stage: EntryStage.Waiting, IsParked: false, Lane: null };

    private string WaitsFor(QueueEntry entry, TriggerRoute? route)
    {
        if (entry.Stage == EntryStage.Running) return "its answer";
        if (IsHeld) return "workers that may have it";
        if (around.IsDraining) return "the next broker";
        if (route?.Service is not { } service) return "a service";
        if (route.Plugin.Length == 0) return "a plugin";
        if (entry.IsParked) return "max-inflight";
        if (IsForLater(entry)) return "its next attempt";
        Lane lane = lanes.Of(service);
        return !lane.HasLive ? "a worker" : Inflight.IsFull(lane) ? "max-inflight" : "a free job";
    }
}

/// <summary>The messages of one trigger that have no answer yet.</summary>
/// <param name="Trigger">Its number, or the one that stands for a service (<see cref="Posted"/>).</param>
/// <param name="Service">The service behind it; null when there is none.</param>
/// <param name="Waiting">Those that wait.</param>
/// <param name="Running">Those that a worker has.</param>
/// <param name="Bytes">What all of them take.</param>
/// <param name="OldestUnixMs">When the one that came first was written.</param>
/// <param name="DueUnixMs">When that one has its next attempt; 0 when it waits for something else.</param>
/// <param name="WaitsFor">What that one waits for, in words.</param>
readonly record struct TriggerBacklog(
    NodeId Trigger, Service? Service, int Waiting, int Running, long Bytes, long OldestUnixMs, long DueUnixMs,
    string WaitsFor);
