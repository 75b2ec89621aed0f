using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// The asynchronous messages that the broker answers for: each waits until a worker of its service has a job free, is
/// carried by a job, and stays on the disk until it has its answer. An attempt that was lost is made again with the
/// next number; one that failed is made again as often as the trigger or service says retry.
/// </summary>
sealed partial class MessageQueue(
    Surroundings around, Peers peers, Lanes lanes, JobTable table, Inflight inflight, JobFlow flow, Requests requests,
    QueueRoom room, SenderRates rates)
    : IQueuedJobs
{
    private readonly Dictionary<long, QueueEntry> _entries = [];
    private readonly Dictionary<ServiceId, QueueLane> _lanes = [];
    private readonly Dictionary<NodeId, QueuedTrigger> _triggers = [];
    private readonly QueueSessions _sessions = new(around.Roster);

    /// <summary>When messages have their next attempt, or are given up.</summary>
    private readonly DeadlineWheel _due = new();
    private readonly Queue<QueueEntry> _listening = new();
    private readonly List<QueueLane> _walk = [];
    private readonly OutputTail.Room _outputRoom = new();

    /// <summary>What those are told who are sent away: where no worker is, the same a hundred thousand times.</summary>
    private (string? Service, TriggerException Problem) _away;

    /// <summary>Until then workers may come back with what the broker before this one had given them.</summary>
    private long _holdUntilMs;

    public QueueIntake Intake { get; } = new(around, peers, requests, room, rates);

    public int Count => _entries.Count;

    private bool IsHeld => around.NowMs < _holdUntilMs;

    /// <summary>Takes over what was stored when the broker started.</summary>
    public void Load(StoredState stored)
    {
        Intake.Load(stored.Spools);
        Intake.Accepted = Accept;
        if (stored.Messages.Count > 0 && !stored.EndedQuietly)
            _holdUntilMs = around.NowMs + (long)Limits.ReclaimGrace.TotalMilliseconds;
        // It may have been with a worker when a broker was killed: if it is done again, its number says so.
        foreach (QueuedMessage message in stored.Messages)
        {
            bool mayRun = message.Id <= stored.UncertainUpTo;
            int lost = mayRun ? 1 : 0;
            Restore(message with
            {
                Attempt = message.Attempt + lost,
                Losses = message.Losses + lost,
                DueUnixMs = DueUnixMs(message),
            }, mayRun);
        }
    }

    /// <summary>
    /// Finds the session by which the queue's runs are known, and takes up the message that it is about.
    /// </summary>
    public UserSession? Claim(SessionId id, RequestId request)
    {
        if (!_entries.TryGetValue((long)request.Value, out QueueEntry? entry)) return null;
        if (_sessions.Of(entry.Message) is not { } session || session.Id != id) return null;
        if (entry.Stage != EntryStage.Waiting) return session;
        // It was counted as failed, lost or given up, or began before messages that this one stands for.
        if (entry.StandsForOthers || entry.Message.DueUnixMs != 0) return null;
        StopWaiting(entry);
        Job job = Open(entry, session);
        flow.Recover(job);
        return session;
    }

    /// <summary>Workers came, or jobs became free: as many messages as they take go out.</summary>
    public void Pump()
    {
        if (IsHeld) return;
        _walk.Clear();
        foreach (QueueLane lane in _lanes.Values)
            if (lane.Count > 0) _walk.Add(lane);
        foreach (QueueLane lane in _walk) Pump(lane);
    }

    /// <summary>There may be room for more messages of a service.</summary>
    public void Pump(ServiceId service)
    {
        if (!IsHeld && _lanes.TryGetValue(service, out QueueLane? lane)) Pump(lane);
    }

    /// <summary>Fewer messages of a trigger are under way: one that waits for that waits for a worker now.</summary>
    public void Freed(NodeId trigger)
    {
        if (!_triggers.TryGetValue(trigger, out QueuedTrigger? freed) || freed.Unpark() is not { } entry) return;
        around.Roster.TryFindRoute(trigger, out TriggerRoute? route);
        LaneOf(route).Add(entry);
    }

    public void Tick()
    {
        Intake.Tick();
        foreach (Due due in _due.Turn(around.NowMs))
        {
            if (!due.IsDue) continue;
            due.IsDue = false;
            var entry = (QueueEntry)due;
            if (entry.Stage != EntryStage.Waiting) continue;
            StopWaiting(entry);
            if (Expiry(entry) is { } expired) GiveUp(entry, expired);
            else Wait(entry);
        }
        Pump();
        while (_listening.TryPeek(out QueueEntry? oldest) && around.NowMs - oldest.WaitsSinceMs >= AudienceMaxMs)
        {
            _listening.Dequeue();
            if (oldest.Stage == EntryStage.Waiting) SendAway(oldest);
        }
    }

    /// <summary>A message that is on the disk is to be carried out: after a restart, or because somebody says so.
    /// </summary>
    public void Restore(QueuedMessage message, bool mayRun = false)
    {
        var entry = new QueueEntry(message) { Stage = EntryStage.Waiting, MayRun = mayRun };
        room.Add(entry);
        Enlist(entry);
        if (!Coalesce(entry)) Wait(entry);
    }

    /// <summary>
    /// Somebody dropped a message, on the disk already. One that was given to a worker meanwhile goes on there.
    /// </summary>
    public void Dismiss(Change.DropMessage drop)
    {
        if (!_entries.TryGetValue(drop.Id, out QueueEntry? entry) || entry.Stage != EntryStage.Waiting) return;
        Withdraw(entry, new(ErrorCode.Cancelled, "the message was dropped", "somebody dropped all that waited"));
        Intake.Repeat(drop);
    }

    /// <summary>Triggers or services changed: what waits finds the place that it has now.</summary>
    public void Changed()
    {
        foreach (QueuedTrigger trigger in _triggers.Values.ToArray())
        {
            around.Roster.TryFindRoute(trigger.Id, out TriggerRoute? route);
            if (route is not null && trigger.Place == PlaceOf(route)) continue;
            QueueEntry[] waiting = [.. trigger.Waiting];
            foreach (QueueEntry entry in waiting) StopWaiting(entry);
            foreach (QueueEntry entry in waiting)
                if (route is null) GiveUp(entry, Deleted());
                else Wait(entry);
        }
        Pump();
    }

    /// <summary>The one who wrote is gone: what he wrote goes on without him.</summary>
    public void Leave(UserSession session)
    {
        foreach (QueueEntry entry in session.Heard.Values.ToArray())
        {
            entry.Audience = null;
            if (entry.Job is { } job) flow.Mute(job);
        }
        session.Heard.Clear();
    }

    private void Enlist(QueueEntry entry)
    {
        _entries.Add(entry.Message.Id, entry);
        entry.WaitsSinceMs = around.NowMs;
        if (!_triggers.TryGetValue(entry.Message.Trigger, out QueuedTrigger? trigger))
            _triggers[entry.Message.Trigger] = trigger = new(entry.Message.Trigger);
        trigger.Enlist(entry);
    }

    private void Accept(QueueEntry entry)
    {
        Enlist(entry);
        if (entry.Audience is { } audience)
        {
            if (audience.Heard.Count < Limits.RequestsPerSessionMax) _listening.Enqueue(entry);
            else SendAway(entry);
            if (entry.Audience is not null) audience.Heard[entry.Request] = entry;
        }
        if (Coalesce(entry)) return;
        Wait(entry);
        PumpSoon(entry);
        if (entry.Stage == EntryStage.Waiting) JudgeBusy(entry);
    }

    /// <summary>It waits: for its time, or for a worker.</summary>
    /// <param name="isFirst">None of its trigger may be before it.</param>
    private void Wait(QueueEntry entry, bool isFirst = false)
    {
        around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route);
        entry.Priority = route?.Delivery.PriorityOrDefault ?? Delivery.PriorityDefault;
        // What is equal to one that may have been begun before is a message of its own.
        entry.Trigger!.Add(entry, isUnique: route?.Delivery.Unique == true && !entry.MayRun);
        entry.Trigger.Place = PlaceOf(route);
        long aheadMs = entry.Message.DueUnixMs - UnixMs;
        long leftMs = TtlMs(route) - Age(entry.Message);
        _due.Set(entry, around.NowMs + Math.Max(0, aheadMs > 0 ? Math.Min(aheadMs, leftMs) : leftMs));
        if (aheadMs > 0) return;
        if (entry.Trigger.Parked > 0 && !isFirst) entry.Trigger.Park(entry); // Behind those that wait for room already.
        else LaneOf(route).Add(entry);
    }

    private void StopWaiting(QueueEntry entry)
    {
        _due.Clear(entry);
        entry.Lane?.Remove(entry);
        entry.Trigger?.Remove(entry);
    }

    private void PumpSoon(QueueEntry entry)
    {
        if (!IsHeld && entry.Lane is { } lane) Pump(lane);
    }

    private void Pump(QueueLane waiting)
    {
        while (!around.IsDraining && around.NowMs >= waiting.NotBeforeMs && waiting.First is { } entry)
        {
            if (Flaw(entry, out TriggerRoute? route, out UserSession? session) is { } flaw)
            {
                StopWaiting(entry);
                GiveUp(entry, flaw);
                continue;
            }
            if (route!.Service is not { } service || route.Plugin.Length == 0) return;
            Lane lane = lanes.Of(service);
            if (!lane.HasLive || waiting.Running >= JobsOf(lane) || Inflight.IsFull(lane)) return;
            if (!inflight.HasRoom(lane, entry.Message.Trigger, route.Delivery.MaxInflight))
            {
                waiting.Remove(entry);
                entry.Trigger!.Park(entry);
                continue;
            }
            waiting.Take(entry);
            StopWaiting(entry);
            Start(entry, route, session!, lane, waiting);
        }
    }

    /// <summary>As many as its live workers run at once: what is more waits here and not with them.</summary>
    private static int JobsOf(Lane lane)
    {
        int jobs = 0;
        foreach (Seat seat in lane.Seats)
            if (seat.IsLive) jobs += seat.Desk.Jobs;
        return Math.Max(1, jobs);
    }

    private void Start(QueueEntry entry, TriggerRoute route, UserSession session, Lane lane, QueueLane waiting)
    {
        Job job = Open(entry, session);
        entry.MayRun = entry.StandsForOthers = false;
        job.Lane = lane;
        Admission.Mark(job, route);
        job.Hops = entry.Message.Hops;
        job.Parent = entry.Message.Parent;
        job.Message = entry.Message.Message;
        job.WrittenUnixMs = entry.Message.WrittenUnixMs;
        if (Posted.ServiceOf(entry.Message.Trigger) is not null
            && Posted.TryRead(entry.Message.Payload, out Request request))
        {
            job.DeadlineMs = requests.Deadline(request.TimeoutMs, lane.Service);
            job.Content.Keep(route.ServiceName, default, request.Plugin, request.ArgsBytes, request.Payload);
        }
        else
        {
            job.DeadlineMs = requests.Deadline(route.Rules.TimeoutMs, lane.Service);
            job.Content.Keep(route.ServiceName, route.Path, route.Plugin, default, entry.Message.Payload);
        }
        table.Kept(job);
        entry.RunsIn = waiting;
        waiting.Running++;
        flow.Begin(job);
    }

    private Job Open(QueueEntry entry, UserSession session)
    {
        Job job = table.Open(session, (ulong)entry.Message.Id);
        job.Entry = entry;
        job.Trigger = entry.Message.Trigger;
        job.FirstAttempt = (byte)Math.Min(entry.Message.Attempt, byte.MaxValue);
        job.Audience = entry.Audience;
        job.AudienceId = entry.Request;
        job.IsListening = entry.Audience is not null;
        job.IsMuted = entry.Audience is null;
        entry.Job = job;
        entry.Output?.Clear();
        entry.Stage = EntryStage.Running;
        return job;
    }

    private static (ServiceId, Delivery) PlaceOf(TriggerRoute? route) =>
        (route is { Service: { } service, Plugin.Length: > 0 } ? service.Id : default, route?.Delivery ?? default);

    private QueueLane LaneOf(TriggerRoute? route)
    {
        (ServiceId service, _) = PlaceOf(route);
        if (!_lanes.TryGetValue(service, out QueueLane? lane)) _lanes[service] = lane = new(service);
        return lane;
    }
}
