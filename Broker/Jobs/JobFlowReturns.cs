using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Streams;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Workers and senders that come back, to the same broker or to one that has restarted and knows nothing: then what
/// workers hold and what senders reclaim is put together again.
/// </summary>
sealed partial class JobFlow
{
    private readonly Orphans _orphans = new();
    private readonly long _startedMs = around.NowMs;

    /// <summary>Runs that wait for their sender to come back.</summary>
    public int OrphanCount => _orphans.Count;

    /// <summary>For so long after a start, peers may come back with what the broker before it had under way.</summary>
    private bool IsRecovering => around.NowMs < _startedMs + (2 * GraceMs);

    /// <summary>A worker came back and says which runs it still holds; all others that it had are lost.</summary>
    public void TakeUp(WorkerDesk desk, IReadOnlyList<HeldRun> held)
    {
        foreach (HeldRun one in held) TakeUp(desk, one);
        // Not before all that it runs is counted.
        desk.IsAnnounced = true;
        foreach (JobRun run in RunsOf(desk))
            if (run.Stage == RunStage.Away) Lose(desk, run);
    }

    private void TakeUp(WorkerDesk desk, HeldRun held)
    {
        if (table.TryFind(held.Run.Value, out JobRun? run) && run.Desk == desk && run.Job is { } job)
        {
            if (run.Stage == RunStage.Away)
            {
                run.Stage = RunStage.Started;
                Fill(desk, run, held);
                table.Deadlines.Clear(run);
            }
            // What the worker let go was confirmed by the sender, who may have been heard of before the link broke.
            run.Credited = Math.Max(run.Credited, held.Offset + run.Base);
            run.Forwarded = Math.Max(run.Forwarded, run.Credited);
            bool isHeard = job.IsListening || job is { Entry: not null, IsMuted: true };
            if (isHeard && !run.IsDelivered) Replay(run);
            if (job is { IsBroadcast: true, Ending: 0 } && run.Stage == RunStage.Started) Taken(job, run);
        }
        else if (run is null && held.Run.Value != 0 && held.Session == SessionId.None && !held.HasEnded)
        {
            Keep(desk, held);
        }
        else if (run is null && IsRecovering && held.Run.Value != 0 && !StreamSessions.Owns(held.Session))
        {
            Shelter(desk, held);
        }
        else
        {
            answers.Cancel(desk, held.Run.Value, ErrorCode.Cancelled);
        }
    }

    /// <summary>What has ended on the worker is only kept there; the job that it filled is free for others.</summary>
    private static void Fill(WorkerDesk desk, JobRun run, HeldRun held)
    {
        run.FillsJob = !held.HasEnded;
        if (run.FillsJob) desk.Busy++;
    }

    /// <summary>Keeps a run of an earlier broker until its sender comes.</summary>
    private void Shelter(WorkerDesk desk, HeldRun held)
    {
        JobRun run = Take(desk, held);
        if (FindRecovering(held) is { } job)
        {
            Adopt(job, new(run, held));
            return;
        }
        _orphans.Add(new(run, held));
        table.Deadlines.Set(run, around.NowMs + GraceMs);
    }

    private JobRun Take(WorkerDesk desk, HeldRun held)
    {
        JobRun run = table.NewRun();
        run.Desk = desk;
        run.Stage = RunStage.Started;
        table.Take(run, held.Run.Value);
        desk.Add(run);
        Fill(desk, run, held);
        return run;
    }

    /// <summary>Finds the session of a run that was held, by whoever knows the sessions.</summary>
    public Func<SessionId, RequestId, UserSession?> SessionOf { get; set; } = static (_, _) => null;

    /// <summary>
    /// Finds the service of a worker's team by name, as a lane; the worker's own for a name that is gone.
    /// </summary>
    public Func<WorkerDesk, string, Lane?> LaneOf { get; set; } = static (_, _) => null;

    private Job? FindRecovering(HeldRun held) =>
        SessionOf(held.Session, held.Request) is { } session
        && session.Jobs.TryGetValue(held.Request.Value, out Job? job)
        && job.Recovery is { IsComplete: false } ? job : null;

    /// <summary>A sender takes a request up again.</summary>
    public void Reclaim(UserSession session, Reclaim reclaim)
    {
        if (session.Jobs.TryGetValue(reclaim.Id.Value, out Job? job))
        {
            job.IsListening = true;
            // It may have been given up already, and not have ended yet: then its sender hears that it was cancelled.
            job.IsMuted = false;
            if (job.Refusal is { } problem) Refuse(job, problem);
            var known = new Recovery(reclaim.Runs);
            foreach (JobRun run in job.Runs) Recount(job, run, known);
            for (int i = 0; i < job.Runs.Count && !job.IsClosed; i++) Resume(job, job.Runs[i], known);
            return;
        }
        job = table.Open(session, reclaim.Id.Value);
        job.Recovery = new(reclaim.Runs);
        if (reclaim.Only.Count > 0) job.Rollout = new(0, RolloutRules.AnyFailures, false, reclaim.Only);
        if (IsRecovering) table.Deadlines.Set(job, around.NowMs + GraceMs);
        else Refuse(job, BrokerLost());
        foreach (Orphan orphan in _orphans.Take(session.Id, reclaim.Id)) Adopt(job, orphan);
    }

    /// <summary>An answer that was sent and has not arrived is owed again; all are, before the first is told.</summary>
    private static void Recount(Job job, JobRun run, Recovery known)
    {
        if (!run.IsDelivered || known.HasFinished(run.Desk!.Name)) return;
        run.IsDelivered = false;
        job.Pending++;
    }

    private void Resume(Job job, JobRun run, Recovery known)
    {
        if (run.Desk is not { } desk || run.Stage == RunStage.Waiting) return;
        if (run.IsDelivered) return;
        run.Forwarded = run.Credited = Math.Max(known.OffsetOf(desk.Name), run.Base);
        if (run.Stage is RunStage.Sent or RunStage.Started) Replay(run);
        else if (run.Stage != RunStage.Ended) return;
        else if (LacksOutput(job, run, run.TailLength)) AskReplay(run);
        else Deliver(job, run, run.Detail, run.Tail);
    }

    /// <summary>Puts a held run and its reclaimed request together.</summary>
    private void Adopt(Job job, Orphan orphan)
    {
        JobRun run = orphan.Run;
        WorkerDesk desk = run.Desk!;
        table.Deadlines.Clear(run);
        if (job.IsClosed || !Join(job, desk, orphan.Held.Service) || job.Recovery!.HasFinished(desk.Name))
        {
            GiveUp(run);
            return;
        }
        run.Job = job;
        job.Runs.Add(run);
        job.Open++;
        job.IsReached = true;
        run.Credited = run.Forwarded = Math.Max(job.Recovery.OffsetOf(desk.Name), orphan.Held.Offset);
        Replay(run);
        if (job.Runs.Count == job.Recovery.Owed) CompleteRecovery(job);
    }

    /// <summary>
    /// The first run says which service it is, and so how many answers are owed. False when it cannot be.
    /// </summary>
    private bool Join(Job job, WorkerDesk desk, string service)
    {
        if (job.Lane is null)
        {
            if (LaneOf(desk, service) is not { } lane) return false;
            Service joined = lane.Service;
            if (joined.Team != job.Session.Team.Id && joined.Visibility != Visibility.Public) return false;
            job.Lane = lane;
            inflight.Enter(job);
            job.Pending = lane.Algorithm.Next(lane.Seats, DemandOf(job)).Spares ? 1 : Missing(job).Count;
            // Its worker may have been detached since.
            if (job.Pending == 0) job.Pending = 1;
            job.Recovery!.Owed = job.Pending;
        }
        foreach (JobRun run in job.Runs)
            if (run.Desk == desk) return false;
        return job.Runs.Count < job.Recovery!.Owed;
    }

    /// <summary>Workers of the service of which the sender has no end and nobody has come back with a run.</summary>
    private static List<WorkerDesk> Missing(Job job)
    {
        var missing = new List<WorkerDesk>();
        foreach (Seat seat in job.Lane.Seats)
            if (job.Rollout?.Only.Contains(seat.Desk.Name) != false && !job.Recovery!.HasFinished(seat.Desk.Name)
                && !job.Runs.Exists(run => run.Desk == seat.Desk))
                missing.Add(seat.Desk);
        return missing;
    }

    /// <summary>
    /// Nobody is waited for any more: what has not come back is lost. Workers keep the time of what has.
    /// </summary>
    private void CompleteRecovery(Job job)
    {
        if (job.Recovery!.IsComplete) return;
        job.Recovery.IsComplete = true;
        if (job.Runs.Count == 0)
        {
            Refuse(job, BrokerLost());
            return;
        }
        job.DeadlineMs = around.NowMs + (long)Limits.TimeoutMax.TotalMilliseconds;
        table.Deadlines.Set(job, job.DeadlineMs);
        List<WorkerDesk> missing = job.Runs.Count < job.Recovery.Owed ? Missing(job) : [];
        foreach (WorkerDesk desk in missing)
        {
            if (job.IsClosed || job.Runs.Count >= job.Recovery.Owed) return;
            JobRun run = table.AddRun(job);
            run.Desk = desk;
            Settle(job, run, Outcome.WorkerLost, "the broker restarted, and the worker did not come back with it"u8);
        }
    }

    /// <summary>Nobody wants the run: its worker ends it, and its job is free in our book.</summary>
    private void GiveUp(JobRun run)
    {
        WorkerDesk desk = run.Desk!;
        answers.Cancel(desk, run.Id, ErrorCode.BrokerLost);
        Forget(desk, run);
        if (Waiting > 0) Pump(desk);
    }

    private static TriggerException BrokerLost() => new(
        ErrorCode.BrokerLost,
        "the broker does not know this request any more",
        "the broker restarted, or you were away for longer than it waits; the command may have run",
        "look on the worker before you send it again");
}
