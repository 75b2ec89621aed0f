using System.Text;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>How attempts end, and what becomes of their messages then.</summary>
sealed partial class MessageQueue
{
    /// <summary>Attempts that may be lost besides those that retry allows: a message that kills workers ends.</summary>
    private const int LossesMax = 3;

    /// <summary>
    /// How long the one who wrote is kept waiting for a worker, in ms, before he is told that it waits.
    /// </summary>
    private const long AudienceMaxMs = 5_000;

    /// <summary>Bytes of a worker's words in a reason.</summary>
    private const int DetailMax = 256;

    /// <summary>How long messages of a service wait when no worker took one though some are there, in ms.</summary>
    private const long NotTakenMs = 1_000;

    void IQueuedJobs.Wrote(Job job, ReadOnlySpan<byte> output) =>
        (job.Entry!.Output ??= new(_outputRoom)).Append(output);

    bool IQueuedJobs.Ended(Job job, JobRun run, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail)
    {
        QueueEntry entry = job.Entry!;
        bool isLost = run.Outcome == Outcome.WorkerLost;
        bool isFailed = isLost || run.Outcome is Outcome.TimedOut or Outcome.NotStarted || run.ExitCode != 0;
        if (!tail.IsEmpty && (isFailed || !job.Plan.Spares)) (entry.Output ??= new(_outputRoom)).Append(tail);
        if (!job.Plan.Spares) return job.Pending == 0 && EndedForAll(job, entry);
        if (!isFailed) return false;
        if (!MayRetry(entry, isLost))
        {
            // A failure is an answer as long as nobody asked for more attempts.
            if (isLost || entry.Message.Failures > 0) entry.Flaw = RunEnd(run, detail);
            return false;
        }
        Release(entry);
        Again(entry, entry.Message with
        {
            Attempt = entry.Message.Attempt + 1,
            Failures = entry.Message.Failures + (isLost ? 0 : 1),
            Losses = entry.Message.Losses + (isLost ? 1 : 0),
            DueUnixMs = UnixMs + BackoffMs(entry.Message),
        });
        return true;
    }

    /// <summary>
    /// Of a mirrored or serial service, or after a restart: what no worker has answered is carried out again, and where
    /// only some were lost it is left to a person what they have done.
    /// </summary>
    private bool EndedForAll(Job job, QueueEntry entry)
    {
        JobRun? lost = job.Runs.Find(static run => run.Outcome == Outcome.WorkerLost);
        if (job.Runs.Exists(static run => run.Outcome is not (Outcome.WorkerLost or Outcome.Offline)))
        {
            if (lost is not null) entry.Flaw = $"worker {lost.Desk?.Name} was lost over it; others have answered";
            return false;
        }
        if (lost is not null && !MayRetry(entry, isLost: true))
        {
            entry.Flaw = RunEnd(lost, default);
            return false;
        }
        if (lost is null)
        {
            NotTaken(entry, job);
            return true;
        }
        Release(entry);
        Again(entry, entry.Message with
        {
            Attempt = entry.Message.Attempt + 1,
            Losses = entry.Message.Losses + 1,
            DueUnixMs = UnixMs + BackoffMs(entry.Message),
        });
        return true;
    }

    void IQueuedJobs.Done(Job job)
    {
        QueueEntry entry = job.Entry!;
        Release(entry);
        if (entry.Flaw is { } flaw) Bury(entry, flaw);
        else Drop(entry);
    }

    /// <summary>
    /// Nothing ran, as far as is known: after a restart nobody came back with it; else no worker was there, or none was
    /// free in time.
    /// </summary>
    void IQueuedJobs.Refused(Job job, TriggerException problem) => NotTaken(job.Entry!, job);

    /// <summary>It waits again, and those behind it with it: none of its trigger overtakes it.</summary>
    private void NotTaken(QueueEntry entry, Job job)
    {
        QueueLane? lane = entry.RunsIn;
        Release(entry);
        entry.WaitsSinceMs = around.NowMs;
        Wait(entry, isFirst: true);
        if (lane is not null && job.Lane.HasLive) lane.NotBeforeMs = around.NowMs + NotTakenMs;
    }

    /// <summary>The entry's job is over.</summary>
    private void Release(QueueEntry entry)
    {
        if (entry.RunsIn is { } lane) lane.Running--;
        entry.RunsIn = null;
        entry.Job = null;
        entry.Stage = EntryStage.Waiting;
        Freed(entry.Message.Trigger);
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
        int retry = route?.Retry ?? 0;
        return isLost ? entry.Message.Losses < LossesMax + retry : entry.Message.Failures < retry;
    }

    private long BackoffMs(QueuedMessage message)
    {
        around.Roster.TryFindRoute(message.Trigger, out TriggerRoute? route);
        Backoff backoff = route?.Delivery.BackoffOrDefault ?? Backoff.Default;
        return backoff.After(message.Failures, around.Effects.Random());
    }

    /// <summary>Why a message cannot be carried out as things are now; null when it can.</summary>
    private TriggerException? Flaw(QueueEntry entry, out TriggerRoute? route, out UserSession? session)
    {
        session = _sessions.Of(entry.Message);
        if (!around.Roster.TryFindRoute(entry.Message.Trigger, out route) || route.Node.Team != entry.Message.Team)
            return Deleted();
        if (session is null)
            return new(ErrorCode.NotAllowed, "who wrote the message has no place in the team any more");
        TriggerException? refusal = requests.Judge(session, entry.Message.Trigger);
        return refusal?.Code == ErrorCode.Invalid ? null : refusal;
    }

    /// <summary>Hears of each message that is given up.</summary>
    public Action<DeadLetter> Died { get; set; } = static _ => { };

    private static TriggerException Deleted() =>
        new(ErrorCode.NotFound, "the trigger was deleted while a message of it waited");

    private void GiveUp(QueueEntry entry, TriggerException why)
    {
        Log.MessageGivenUp(around.Log, entry.Message.Id, entry.Message.Trigger.Value, why.Message);
        Tell(entry, why);
        Bury(entry, why.Why is { Length: > 0 } reason ? $"{why.Message}: {reason}" : why.Message);
    }

    /// <summary>Whoever wrote it hears that there will be no answer.</summary>
    private void Tell(QueueEntry entry, TriggerException why)
    {
        if (entry.Audience is { Peer: { } peer }) peers.Refuse(peer, new(entry.Request), why);
    }

    /// <summary>
    /// It leaves the queue for the dead letters, in one group: after a crash it is in one of both. The oldest of its
    /// team make room.
    /// </summary>
    private void Bury(QueueEntry entry, string reason)
    {
        NodeId trigger = entry.Message.Trigger;
        string path = Posted.ServiceOf(trigger) is { } service ? $"service {around.Roster.Service(service)?.Name}"
            : around.Roster.Node(trigger) is null ? "" : around.Roster.PathOf(trigger).Value;
        var letter = new DeadLetter(entry.Message, path, reason, around.Now.UnixMs)
        {
            Output = entry.Output is { } output ? output.Bytes.ToArray() : [],
        };
        List<Change> changes = [.. around.Roster.DeadLettersOver(letter)
            .Select(oldest => new Change.DropDeadLetter(oldest.Id)), new Change.PutDeadLetter(letter)];
        around.Roster.Apply(changes);
        Leave(entry);
        Intake.Note([.. changes, new Change.DropMessage(entry.Message.Id)]);
        Died(letter);
    }

    private static string RunEnd(JobRun run, ReadOnlySpan<byte> detail) => run.Outcome switch
    {
        Outcome.WorkerLost => "the worker was lost over it, each time",
        Outcome.TimedOut => "timed out, each time",
        _ when detail.IsEmpty => $"exit code {run.ExitCode} at the last attempt",
        _ => $"exit code {run.ExitCode} at the last attempt: {FirstOf(detail)}",
    };

    /// <summary>The beginning of a worker's words: a reason is a line.</summary>
    private static string FirstOf(ReadOnlySpan<byte> detail) =>
        NameRule.Shown(Encoding.UTF8.GetString(detail[..Math.Min(detail.Length, DetailMax)]));

    private void Drop(QueueEntry entry)
    {
        Leave(entry);
        Intake.Note(new Change.DropMessage(entry.Message.Id));
    }

    private void Leave(QueueEntry entry)
    {
        StopWaiting(entry);
        entry.Stage = EntryStage.Over;
        entry.Output?.LetGo();
        entry.Audience?.Heard.Remove(entry.Request);
        entry.Audience = null;
        _entries.Remove(entry.Message.Id);
        entry.Trigger!.Strike(entry);
        if (entry.Trigger.Entries == 0) _triggers.Remove(entry.Trigger.Id);
        else Freed(entry.Trigger.Id); // It may have been the one to whose turn it was in vain.
        room.Remove(entry);
    }

    /// <summary>No worker took it for a while: the one who wrote need not wait for what may come in hours.</summary>
    private void SendAway(QueueEntry entry)
    {
        if (entry.Audience is not { } session) return;
        session.Heard.Remove(entry.Request);
        entry.Audience = null;
        if (session.Peer is not { } peer) return;
        around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route);
        string service = LaneOf(route).Name(around.Roster);
        if (_away.Service != service)
            _away = (service, new(ErrorCode.NoWorker, "the message waits in the broker",
                $"no worker of service '{service}' is free for it yet; its answer will not be shown here",
                "triggerfs cli -c 'show workers'"));
        peers.Refuse(peer, new(entry.Request), _away.Problem);
    }
}
