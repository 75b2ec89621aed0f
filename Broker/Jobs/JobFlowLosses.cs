using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Workers that go away, and what becomes of their runs. What certainly did not start is given to another one; what may
/// have started fails as lost, unless its service or trigger says retry.
/// </summary>
sealed partial class JobFlow
{
    private static readonly long GraceMs = (long)Limits.ReclaimGrace.TotalMilliseconds;

    private static readonly byte[] LostDetail =
        "the worker went away while it ran; the command may have been carried out"u8.ToArray();

    /// <summary>The worker says that it is going: what it has started fails now, and it gets nothing more.</summary>
    public void SaidGoodbye(WorkerDesk desk)
    {
        desk.IsAnnounced = false;
        foreach (JobRun run in RunsOf(desk))
            if (run.Stage == RunStage.Started) Lose(desk, run);
        Shrunk(desk);
    }

    /// <summary>The worker's link is gone.</summary>
    /// <param name="end">Closed: the worker's kernel ended it, and all that the worker had said was heard.</param>
    /// <param name="mayReturn">It did not say Goodbye.</param>
    public void Left(WorkerDesk desk, LinkEnd end, bool mayReturn)
    {
        desk.IsAnnounced = false;
        List<JobRun> runs = RunsOf(desk);
        desk.Busy = 0;
        foreach (JobRun run in runs)
        {
            Read(desk, run);
            if (run.Stage == RunStage.Away && mayReturn) continue;
            bool isCertain = run.Stage == RunStage.Sent && end == LinkEnd.Closed;
            run.Stage = RunStage.Away;
            if (run.Job is not { } job) Forget(desk, run);
            else if (isCertain) TakeOver(job, desk, run);
            else if (mayReturn) table.Deadlines.Set(run, around.NowMs + GraceMs);
            else Lose(desk, run);
        }
        Shrunk(desk);
    }

    /// <summary>
    /// The worker takes less than before: what waits for it, or for a service that nobody serves now, fails.
    /// </summary>
    public void Shrunk(WorkerDesk desk)
    {
        if (Waiting == 0) return;
        if (!desk.IsOpen) FailWaiting(desk.Waiting);
        foreach (Seat seat in desk.Seats.ToArray()) LaneShrunk(seat.Lane);
    }

    /// <summary>A service may have lost its last worker.</summary>
    public void LaneShrunk(Lane lane)
    {
        if (lane.Waiting.First is not null && !lane.HasLive) FailWaiting(lane.Waiting);
    }

    /// <summary>A service was deleted.</summary>
    public void LaneGone(Lane lane)
    {
        while (lane.Held.First is { Value: var held })
            Refuse(held, new(ErrorCode.NotFound,
                $"service '{lane.Service.Name}' was deleted while the request waited"));
        while (lane.Waiting.First is { } run)
        {
            StopWaiting(run);
            Refuse(run.Job!,
                new(ErrorCode.NotFound, $"service '{lane.Service.Name}' was deleted while the request waited"));
        }
    }

    private void FailWaiting(RunQueue queue)
    {
        while (queue.First is { } run)
        {
            StopWaiting(run);
            FailUnplaced(run.Job!, run);
        }
    }

    /// <summary>Nobody is there for a run that has not started.</summary>
    private void FailUnplaced(Job job, JobRun run)
    {
        if (!job.Plan.Spares) Settle(job, run, Outcome.Offline, "the worker went away before it started it"u8);
        else if (run.Attempt > 1)
            Settle(job, run, Outcome.WorkerLost, "an attempt was lost, and no other worker is online"u8);
        else Refuse(job, NoWorker(job.Lane, job.Session.Team.Id));
        Advance(job);
    }

    /// <summary>The run certainly did not start: another worker gets it.</summary>
    private void TakeOver(Job job, WorkerDesk desk, JobRun run)
    {
        desk.Remove(run);
        table.Forget(run);
        run.Stage = RunStage.Waiting;
        if (job.Plan.Spares && run.Attempt == 1) job.IsReached = false;
        if (job.Ending != 0)
        {
            Settle(job, run, Unproven(job, OutcomeOf(job.Ending), Outcome.Offline), "it was not started"u8);
            return;
        }
        if (job.Recovery is not null) Settle(job, run, Outcome.WorkerLost, LostDetail);
        else if (!job.Plan.Spares || !job.Lane.HasLive) FailUnplaced(job, run);
        else Place(job, run, NextSeat(job));
    }

    /// <summary>The run may have started, and its worker will not say how it ended.</summary>
    private void Lose(WorkerDesk desk, JobRun run)
    {
        if (run.Job is not { } job)
        {
            Forget(desk, run);
            return;
        }
        if (run.DeskIndex >= 0) TakeFrom(desk, run);
        table.Forget(run);
        if (job.Ending != 0)
        {
            Settle(job, run, Unproven(job, OutcomeOf(job.Ending), Outcome.WorkerLost), LostDetail);
            return;
        }
        if (MayRetry(job, run)) Retry(job, run);
        else Settle(job, run, Outcome.WorkerLost, LostDetail);
        Advance(job);
    }

    private void Forget(WorkerDesk desk, JobRun run)
    {
        _orphans.Remove(run);
        if (run.DeskIndex >= 0) TakeFrom(desk, run);
        table.Close(run);
    }

    /// <summary>The worker did not come back with the run in time.</summary>
    public void RunDue(JobRun run)
    {
        if (run.Stage == RunStage.Away) Lose(run.Desk!, run);
        else if (run.Job is null) GiveUp(run);
        else if (run is { Stage: RunStage.Ended, IsDelivered: false, Job: { } job } && (job.IsListening || job.IsMuted))
            Deliver(job, run, run.Detail, run.Tail);
    }

    private bool MayRetry(Job job, JobRun run)
    {
        if (run.Attempt > job.Retry || run.Attempt == byte.MaxValue || job.Ending != 0) return false;
        if (job.Recovery is not null || around.NowMs >= job.DeadlineMs) return false;
        return job.Plan.Spares ? job.Lane.HasLive : run.Seat!.IsLive;
    }

    private void Retry(Job job, JobRun run)
    {
        if (run.Forwarded > 0)
        {
            WorkerDesk desk = run.Desk!;
            job.Bases.RemoveAll(known => known.Desk == desk);
            job.Bases.Add((desk, run.Forwarded));
        }
        table.Forget(run);
        run.Attempt++;
        run.Base = run.Forwarded = run.Credited = 0;
        run.Stage = RunStage.Waiting;
        if (job.Plan.Spares) Place(job, run, NextSeat(job));
        else Try(job, run);
    }

    /// <summary>The sender has output of an earlier attempt on this worker: what comes now stands behind it.</summary>
    private static void Rebase(Job job, JobRun run, WorkerDesk desk)
    {
        run.Base = run.Forwarded = run.Credited = 0;
        foreach ((WorkerDesk known, ulong offset) in job.Bases)
            if (known == desk) run.Base = run.Forwarded = run.Credited = offset;
    }

    /// <summary>
    /// What a failed attempt wrote last is output like any other, though the attempt is not the answer.
    /// </summary>
    private void ForwardTail(Job job, JobRun run, in Finished finished)
    {
        ulong tailAt = finished.Offset + run.Base - (ulong)finished.Tail.Length;
        if (!job.IsListening || job.IsMuted || tailAt != run.Forwarded) return;
        for (ReadOnlySpan<byte> rest = finished.Tail; !rest.IsEmpty;)
        {
            ReadOnlySpan<byte> piece = rest[..Math.Min(rest.Length, Limits.OutputChunkMax)];
            answers.Output(job, run, flags: 0, run.Forwarded, piece);
            run.Forwarded += (ulong)piece.Length;
            rest = rest[piece.Length..];
        }
    }

    private int NextSeat(Job job) => AlgorithmOf(job).Next(job.Lane.Seats, DemandOf(job)).First;

    /// <summary>A copy in the order in which they were given, because each may leave the list.</summary>
    private List<JobRun> RunsOf(WorkerDesk desk)
    {
        var runs = new List<JobRun>(desk.Runs);
        runs.Sort(static (a, b) => a.Turn != b.Turn ? a.Turn.CompareTo(b.Turn) : a.Id.CompareTo(b.Id));
        return runs;
    }

    /// <summary>Nobody can take a request now; says who could, and when he was heard of last.</summary>
    public TriggerException NoWorker(Lane lane, TeamId asker)
    {
        // Who its workers are is nothing for users of other teams.
        if (asker != lane.Service.Team)
            return new(ErrorCode.NoWorker, $"no worker is online for service '{lane.Service.Name}'", null,
                "try again later, or ask the team that offers it");
        WorkerDesk? latest = null;
        int online = 0;
        foreach (Seat seat in lane.Seats)
        {
            if (seat.Desk.Peer is not null) online++;
            if (seat.Desk.LastHeardMs is { } heardMs && heardMs >= (latest?.LastHeardMs ?? long.MinValue))
                latest = seat.Desk;
        }
        string name = lane.Service.Name.Value;
        string attached = lane.Seats.Length switch
        {
            0 => "no worker is attached",
            1 => "1 worker is attached",
            int count => $"{count} workers are attached",
        };
        string why = online > 0
            ? $"{attached}, {online} of them online, but none has announced the service or takes requests"
            : latest is null ? $"{attached}; none was online since the broker started"
            : $"{attached}; the last heartbeat, from {latest.Name}, came " +
                $"{(around.NowMs - latest.LastHeardMs!.Value) / 1000} s ago";
        string start = (latest ?? (lane.Seats.Length > 0 ? lane.Seats[0].Desk : null)) is { } desk
            ? $"triggerfs cli -c 'show workers', or start one: triggerfs worker -identity {desk.Name}"
            : $"triggerfs cli -c 'set services {name} workers add WORKER'";
        return new(ErrorCode.NoWorker, $"no worker is online for service '{name}'", why, start);
    }
}
