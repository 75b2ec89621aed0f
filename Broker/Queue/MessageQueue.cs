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
sealed class MessageQueue(
    Surroundings around, Peers peers, Lanes lanes, JobTable table, JobFlow flow, Requests requests, QueueRoom room)
    : IQueuedJobs
{
    /// <summary>Attempts that may be lost besides those that retry allows: a message that kills workers ends.</summary>
    private const int LossesMax = 3;

    /// <summary>
    /// How long the one who wrote is kept waiting for a worker, in ms, before he is told that it waits.
    /// </summary>
    private const long AudienceMaxMs = 5_000;

    private const long BackoffMinMs = 1_000;
    private const long BackoffMaxMs = 300_000;

    private readonly Dictionary<long, QueueEntry> _entries = [];
    private readonly Dictionary<ServiceId, QueueLane> _lanes = [];
    private readonly QueueSessions _sessions = new(around.Roster);
    private readonly PriorityQueue<QueueEntry, long> _later = new();
    private readonly Queue<QueueEntry> _listening = new();
    private readonly List<QueueLane> _walk = [];

    /// <summary>Until then workers may come back with what the broker before this one had given them.</summary>
    private long _holdUntilMs;

    public QueueIntake Intake { get; } = new(around, peers, requests, room);

    public int Count => _entries.Count;

    /// <summary>Takes over what was stored when the broker started.</summary>
    public void Load(StoredState stored)
    {
        Intake.Load(stored.Spools);
        Intake.Accepted = Accept;
        foreach (QueuedMessage message in stored.Messages)
        {
            // It may have been with a worker when the broker stopped: if it is done again, its number says so.
            var entry = new QueueEntry(message with { Attempt = message.Attempt + 1 }) { Stage = EntryStage.Waiting };
            room.Add(entry);
            Accept(entry);
        }
        if (_entries.Count > 0)
            _holdUntilMs = around.NowMs + (long)Limits.ReclaimGrace.TotalMilliseconds;
    }

    /// <summary>
    /// Finds the session by which the queue's runs are known, and takes up the message that it is about.
    /// </summary>
    public UserSession? Claim(SessionId id, RequestId request)
    {
        if (!_entries.TryGetValue((long)request.Value, out QueueEntry? entry)) return null;
        if (_sessions.Of(entry.Message) is not { } session || session.Id != id) return null;
        if (entry.Stage != EntryStage.Waiting) return session;
        Job job = Open(entry, session);
        flow.Recover(job);
        return session;
    }

    /// <summary>Workers came, or jobs became free: as many messages as they take go out.</summary>
    public void Pump()
    {
        if (around.NowMs < _holdUntilMs) return;
        _walk.Clear();
        foreach (QueueLane lane in _lanes.Values)
            if (lane.HasWaiting) _walk.Add(lane);
        foreach (QueueLane lane in _walk) Pump(lane);
    }

    public void Tick()
    {
        Intake.Tick();
        while (_later.TryPeek(out QueueEntry? entry, out long dueMs) && dueMs <= around.NowMs)
        {
            _later.Dequeue();
            if (entry.Stage == EntryStage.Waiting) Wait(entry);
        }
        Pump();
        while (_listening.TryPeek(out QueueEntry? oldest) && around.NowMs - oldest.WaitsSinceMs >= AudienceMaxMs)
        {
            _listening.Dequeue();
            if (oldest.Stage == EntryStage.Waiting) SendAway(oldest);
        }
    }

    /// <summary>A message that was given up is to be carried out after all; it is on the disk.</summary>
    public void Restore(QueuedMessage message)
    {
        var entry = new QueueEntry(message) { Stage = EntryStage.Waiting };
        room.Add(entry);
        Accept(entry);
    }

    /// <summary>Triggers or services changed: what waited for that finds its place.</summary>
    public void Changed()
    {
        if (!_lanes.Remove(default, out QueueLane? unattached)) return;
        while (unattached.TryPeek(out QueueEntry? entry))
        {
            unattached.Take();
            LaneOf(entry).Add(entry);
        }
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

    bool IQueuedJobs.Ended(Job job, JobRun run)
    {
        QueueEntry entry = job.Entry!;
        bool isLost = run.Outcome == Outcome.WorkerLost;
        bool isFailed = isLost || run.Outcome is Outcome.TimedOut or Outcome.NotStarted || run.ExitCode != 0;
        if (!isFailed || !job.Plan.Spares) return false;
        if (!MayRetry(entry, isLost))
        {
            // A failure is an answer as long as nobody asked for more attempts.
            if (isLost || entry.Message.Failures > 0) entry.Flaw = RunEnd(run);
            return false;
        }
        Release(entry);
        Again(entry, entry.Message with
        {
            Attempt = entry.Message.Attempt + 1,
            Failures = entry.Message.Failures + (isLost ? 0 : 1),
            DueUnixMs = around.Now.UnixMs + Backoff(entry.Message.Failures),
        });
        return true;
    }

    void IQueuedJobs.Done(Job job)
    {
        QueueEntry entry = job.Entry!;
        Release(entry);
        if (entry.Flaw is { } flaw) Bury(entry, flaw);
        Drop(entry);
        PumpSoon(entry);
    }

    /// <summary>Nothing ran, as far as is known: it waits again.</summary>
    void IQueuedJobs.Refused(Job job, TriggerException problem)
    {
        QueueEntry entry = job.Entry!;
        Release(entry);
        // After a restart nobody came back with it; else no worker was there, or none was free in time.
        if (problem.Code != ErrorCode.BrokerLost)
            entry.Message = entry.Message with { DueUnixMs = around.Now.UnixMs + BackoffMinMs };
        entry.WaitsSinceMs = around.NowMs;
        Wait(entry);
    }

    private void Accept(QueueEntry entry)
    {
        _entries.Add(entry.Message.Id, entry);
        entry.WaitsSinceMs = around.NowMs;
        if (entry.Audience is { } audience)
        {
            if (audience.Heard.Count < Limits.RequestsPerSessionMax) _listening.Enqueue(entry);
            else SendAway(entry);
            if (entry.Audience is not null) audience.Heard[entry.Request] = entry;
        }
        Wait(entry);
        PumpSoon(entry);
    }

    private void Wait(QueueEntry entry)
    {
        long aheadMs = entry.Message.DueUnixMs - around.Now.UnixMs;
        if (aheadMs > 0) _later.Enqueue(entry, around.NowMs + aheadMs);
        else LaneOf(entry).Add(entry);
    }

    private void PumpSoon(QueueEntry entry)
    {
        if (around.NowMs >= _holdUntilMs) Pump(LaneOf(entry));
    }

    private void Pump(QueueLane waiting)
    {
        while (waiting.TryPeek(out QueueEntry? entry))
        {
            if (entry.Message.DueUnixMs > around.Now.UnixMs) // It was put back meanwhile, and waits for its time.
            {
                waiting.Take();
                continue;
            }
            QueueLane now = LaneOf(entry);
            if (now != waiting)
            {
                waiting.Take();
                now.Add(entry);
                continue;
            }
            if (Flaw(entry, out TriggerRoute? route, out UserSession? session) is { } flaw)
            {
                waiting.Take();
                GiveUp(entry, flaw);
                continue;
            }
            if (route!.Service is not { } service) return;
            Lane lane = lanes.Of(service);
            if (!lane.HasLive || waiting.Running >= JobsOf(lane)) return;
            waiting.Take();
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
        job.Lane = lane;
        job.DeadlineMs = requests.Deadline(route.Rules.TimeoutMs, lane.Service);
        job.Hops = entry.Message.Hops;
        job.Message = entry.Message.Message;
        job.Content.Keep(route.ServiceName, route.Path, route.Plugin, default, entry.Message.Payload);
        table.Kept(job);
        waiting.Running++;
        flow.Begin(job, tellDispatch: false);
    }

    private Job Open(QueueEntry entry, UserSession session)
    {
        Job job = table.Open(session, (ulong)entry.Message.Id);
        job.Entry = entry;
        job.FirstAttempt = (byte)Math.Min(entry.Message.Attempt, byte.MaxValue);
        job.Audience = entry.Audience;
        job.AudienceId = entry.Request;
        job.IsListening = entry.Audience is not null;
        job.IsMuted = entry.Audience is null;
        entry.Job = job;
        entry.Stage = EntryStage.Running;
        return job;
    }

    /// <summary>The entry's job is over.</summary>
    private void Release(QueueEntry entry)
    {
        if (entry.Job is { Lane: { } lane } && _lanes.TryGetValue(lane.Service.Id, out QueueLane? queue)
            && queue.Running > 0)
            queue.Running--;
        entry.Job = null;
        entry.Stage = EntryStage.Waiting;
    }

    private void Again(QueueEntry entry, QueuedMessage message)
    {
        entry.Message = message;
        entry.WaitsSinceMs = around.NowMs;
        Intake.Note(new Change.PutMessage(message));
        Wait(entry);
    }

    private bool MayRetry(QueueEntry entry, bool isLost)
    {
        around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route);
        int retry = route?.Rules.Retry > 0 ? route.Rules.Retry : route?.Service?.Retry ?? 0;
        int losses = entry.Message.Attempt - 1 - entry.Message.Failures;
        return isLost ? losses < LossesMax + retry : entry.Message.Failures < retry;
    }

    /// <summary>
    /// Twice as long after each failure, and up to a quarter less, so that not all come back together.
    /// </summary>
    private long Backoff(int failures)
    {
        long ms = Math.Min(BackoffMinMs << Math.Min(failures, 10), BackoffMaxMs);
        return ms - (long)(around.Effects.Random() % (ulong)(ms / 4));
    }

    /// <summary>Why a message cannot be carried out as things are now; null when it can.</summary>
    private TriggerException? Flaw(QueueEntry entry, out TriggerRoute? route, out UserSession? session)
    {
        session = _sessions.Of(entry.Message);
        route = null;
        if (around.Now.UnixMs - entry.Message.TakenUnixMs > (long)room.Options.LifeMax.TotalMilliseconds)
            return new(ErrorCode.TimedOut, "no worker answered in time",
                $"it waited for {room.Options.LifeMax.TotalHours:0} h");
        if (!around.Roster.TryFindRoute(entry.Message.Trigger, out route) || route.Node.Team != entry.Message.Team)
            return new(ErrorCode.NotFound, "the trigger was deleted while a message of it waited");
        if (session is null)
            return new(ErrorCode.NotAllowed, "who wrote the message has no place in the team any more");
        TriggerException? refusal = requests.Judge(session, entry.Message.Trigger);
        return refusal?.Code == ErrorCode.Invalid ? null : refusal;
    }

    private void GiveUp(QueueEntry entry, TriggerException why)
    {
        Log.MessageGivenUp(around.Log, entry.Message.Id, entry.Message.Trigger.Value, why.Message);
        if (entry.Audience is { Peer: { } peer }) peers.Refuse(peer, new(entry.Request), why);
        Bury(entry, why.Why is { Length: > 0 } reason ? $"{why.Message}: {reason}" : why.Message);
        Drop(entry);
    }

    /// <summary>Keeps it among the dead letters; the oldest of its team make room.</summary>
    private void Bury(QueueEntry entry, string reason)
    {
        string path = around.Roster.Node(entry.Message.Trigger) is null ? ""
            : around.Roster.PathOf(entry.Message.Trigger).Value;
        var letter = new DeadLetter(entry.Message, path, reason, around.Now.UnixMs);
        List<Change> changes = [.. around.Roster.DeadLettersOver(letter)
            .Select(oldest => new Change.DropDeadLetter(oldest.Id)), new Change.PutDeadLetter(letter)];
        around.Roster.Apply(changes);
        foreach (Change change in changes) Intake.Note(change);
    }

    private static string RunEnd(JobRun run) => run.Outcome switch
    {
        Outcome.WorkerLost => "the worker was lost over it, each time",
        Outcome.TimedOut => "timed out, each time",
        _ => $"exit code {run.ExitCode} at the last attempt",
    };

    private void Drop(QueueEntry entry)
    {
        entry.Stage = EntryStage.Over;
        entry.Audience?.Heard.Remove(entry.Request);
        entry.Audience = null;
        _entries.Remove(entry.Message.Id);
        room.Remove(entry);
        Intake.Note(new Change.DropMessage(entry.Message.Id));
    }

    /// <summary>No worker took it for a while: the one who wrote need not wait for what may come in hours.</summary>
    private void SendAway(QueueEntry entry)
    {
        if (entry.Audience is not { } session) return;
        session.Heard.Remove(entry.Request);
        entry.Audience = null;
        if (session.Peer is not { } peer) return;
        string service = LaneOf(entry).Name(around.Roster);
        peers.Refuse(peer, new(entry.Request), new(ErrorCode.NoWorker, "the message waits in the broker",
            $"no worker of service '{service}' is free for it yet; its answer will not be shown here",
            "triggerfs cli -c 'show workers'"));
    }

    private QueueLane LaneOf(QueueEntry entry)
    {
        ServiceId service = around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route)
            && route is { Service: { } attached, Plugin.Length: > 0 } ? attached.Id : default;
        if (!_lanes.TryGetValue(service, out QueueLane? lane)) _lanes[service] = lane = new(service);
        return lane;
    }
}
