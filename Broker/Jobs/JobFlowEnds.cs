using System.Text;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>How runs and jobs end, and how their senders hear of it.</summary>
sealed partial class JobFlow
{
    /// <summary>
    /// How long a worker has to say that a run has ended: the time between TERM and KILL and one second.
    /// </summary>
    private static readonly long EndMaxMs = (long)Limits.KillGrace.TotalMilliseconds + 1000;

    /// <summary>
    /// A worker that never says so loses the job in our book only, and starts one more than it likes.
    /// </summary>
    private const long GhostMaxMs = 30_000;

    private static readonly byte[] OfflineDetail = "the worker is offline"u8.ToArray();

    /// <summary>An outcome that no worker told us.</summary>
    private void Settle(Job job, JobRun run, Outcome outcome, ReadOnlySpan<byte> detail)
    {
        run.Outcome = outcome;
        run.ExitCode = 0;
        run.EndFlags = 0;
        run.EndOffset = run.Forwarded;
        run.DurationMs = 0;
        Settle(job, run, detail, default);
    }

    /// <summary>The run has its outcome, which is told at once or as soon as the sender can hear it.</summary>
    private void Settle(Job job, JobRun run, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail)
    {
        if (run.DeskIndex >= 0) LeaveBehind(run);
        run.Stage = RunStage.Ended;
        job.Open--;
        table.Deadlines.Clear(run);
        bool isFailure = (run.Outcome != Outcome.Done || run.ExitCode != 0) && job.Ending == 0;
        if (isFailure) detail = StopAtFailure(job, detail);
        if (!job.IsListening && !job.IsMuted)
        {
            run.Keep(detail, tail);
        }
        else if (LacksOutput(job, run, tail.Length))
        {
            run.Keep(detail, tail);
            AskReplay(run);
        }
        else
        {
            Deliver(job, run, detail, tail);
        }
        if (isFailure && job.Rollout is not null && !job.IsClosed) CountFailure(job);
    }

    /// <summary>Output before the end is missing, and its worker is there and may have it.</summary>
    private static bool LacksOutput(Job job, JobRun run, int tailLength) =>
        run.EndOffset - (ulong)tailLength > run.Forwarded && run.Outcome == Outcome.Done && !job.IsMuted && run.Id != 0
        && run.Desk?.Peer is not null;

    /// <summary>Asks the worker for what the sender lacks; if nothing comes, the outcome is told without it.</summary>
    private void AskReplay(JobRun run)
    {
        Replay(run);
        table.Deadlines.Set(run, around.NowMs + EndMaxMs);
    }

    /// <summary>From what the sender is done with: what it has beyond is sent again, but not sent on.</summary>
    private void Replay(JobRun run) =>
        answers.Credit(run.Desk!, run.Id, run.Credited - Math.Min(run.Credited, run.Base), replay: true);

    private void Deliver(Job job, JobRun run, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail)
    {
        table.Deadlines.Clear(run);
        run.IsDelivered = true;
        job.Pending--;
        monitors.Ended(job, run, detail, tail);
        if (job.Entry is not null && Queue.Ended(job, run, detail, run.Fresh(tail)))
        {
            table.Close(job);
            return;
        }
        if (job.Stream is not null)
        {
            table.Close(job);
            Streams.Ended(job, run, detail);
            return;
        }
        if (!job.IsMuted) answers.Finished(job, run, isLast: job.Pending == 0, detail, tail);
        run.Forwarded = Math.Max(run.Forwarded, run.EndOffset);
        if (job.Pending > 0)
        {
            run.LetGo();
            return;
        }
        table.Close(job);
        if (job.Entry is not null) Queue.Done(job);
    }

    /// <summary>The worker told the end again, behind output that was missing.</summary>
    private void EndAgain(Job job, JobRun run, in Finished finished)
    {
        if (run.IsDelivered || !(job.IsListening || job.IsMuted)) return;
        Deliver(job, run, run.DetailLength > 0 ? run.Detail : finished.Detail, finished.Tail);
    }

    /// <summary>
    /// A serial service that stops at a failure: the workers behind it have no turn, and the sender learns it.
    /// </summary>
    private static ReadOnlySpan<byte> StopAtFailure(Job job, ReadOnlySpan<byte> detail)
    {
        if (job.Recovery is not null || job.Rollout is not null) return detail;
        int left = job.Plan.Workers - job.Plan.Wave(job.Wave).First;
        if (left <= 0) return detail;
        if (job.Lane.Service.OnFailure != Core.Model.OnFailure.Stop) return detail;
        var text = new StringBuilder(Encoding.UTF8.GetString(detail));
        if (text.Length > 0) text.Append("; ");
        text.Append("the service stops at a failure, so these did not run:");
        for (int i = job.Seats.Count - left; i < job.Seats.Count && text.Length < 1024; i++)
            text.Append(' ').Append(job.Seats[i].Desk.Name);
        job.Plan = job.Plan with { Workers = job.Plan.Workers - left };
        job.Pending -= left;
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>The run still fills a job of its worker, though nobody waits for it any more.</summary>
    private void LeaveBehind(JobRun run)
    {
        WorkerDesk desk = run.Desk!;
        ulong id = run.Id;
        table.Forget(run);
        if (run.Stage == RunStage.Away)
        {
            // A worker that comes back with it is told that nobody wants it.
            TakeFrom(desk, run);
            return;
        }
        JobRun ghost = table.NewRun();
        ghost.Desk = desk;
        ghost.Stage = RunStage.Started;
        ghost.DeskIndex = run.DeskIndex;
        ghost.FillsJob = run.FillsJob;
        ghost.UnreadBytes = run.UnreadBytes;
        run.UnreadBytes = 0;
        desk.Runs[run.DeskIndex] = ghost;
        run.DeskIndex = -1;
        table.Take(ghost, id);
        long knownMs = run.Outcome == Outcome.Taken ? run.Job!.DeadlineMs : around.NowMs;
        table.Deadlines.Set(ghost, knownMs + GhostMaxMs);
    }

    /// <summary>The one answer of a job of which nothing ran, or of which nothing is known.</summary>
    public void Refuse(Job job, TriggerException problem)
    {
        Drop(job);
        if (job.Refusal is null) monitors.Refused(job, problem);
        if (job.Entry is not null)
        {
            table.Close(job);
            Queue.Refused(job, problem);
        }
        else if (job.Stream is not null)
        {
            table.Close(job);
            Streams.Refused(job, problem);
        }
        else if (job.IsMuted)
        {
            table.Close(job);
        }
        else if (job.IsListening)
        {
            answers.Refused(job, problem);
            table.Close(job);
        }
        else
        {
            job.Refusal = problem;
        }
    }

    /// <summary>Takes the job's runs out of the queues that they wait in.</summary>
    private void Drop(Job job)
    {
        table.Deadlines.Clear(job);
        foreach (JobRun run in job.Runs)
        {
            if (run.Stage == RunStage.Ended) continue;
            if (run.Queue is not null) StopWaiting(run);
            if (run.DeskIndex >= 0) LeaveBehind(run);
            run.Stage = RunStage.Ended;
            job.Open--;
        }
    }

    /// <summary>
    /// Ends a job: what waits is over, what runs is ended by its worker, and whoever was to come has no turn.
    /// </summary>
    /// <param name="why">Cancelled or TimedOut.</param>
    public void Stop(Job job, ErrorCode why)
    {
        if (job.IsClosed || job.Ending != 0 || job.Refusal is not null) return;
        job.Ending = why;
        if (job.Recovery is not null) CompleteRecovery(job);
        if (job.IsClosed || job.Refusal is not null) return;
        if (!job.IsReached)
        {
            Refuse(job, why != ErrorCode.TimedOut ? Cancelled() : job.IsBroadcast ? NobodyTook(job) : NoJobFree(job));
            return;
        }
        StopAll(job, why);
    }

    private void StopAll(Job job, ErrorCode why)
    {
        Outcome outcome = OutcomeOf(why);
        StopLater(job);
        for (int i = 0; i < job.Runs.Count && !job.IsClosed; i++) StopRun(job, job.Runs[i], outcome, why);
        if (!job.IsClosed) table.Deadlines.Set(job, around.NowMs + EndMaxMs);
    }

    /// <summary>Workers whose turn did not come get their answer, too: the sender learns who did not run.</summary>
    private void StopLater(Job job)
    {
        for (int i = job.Plan.Wave(job.Wave).First; i < job.Plan.Workers && i < job.Seats.Count; i++)
        {
            JobRun run = table.AddRun(job);
            run.Seat = job.Seats[i];
            run.Desk = run.Seat.Desk;
        }
    }

    private static Outcome OutcomeOf(ErrorCode why) =>
        why == ErrorCode.TimedOut ? Outcome.TimedOut : Outcome.Cancelled;

    /// <summary>
    /// That time is up answers who waits. An asynchronous message is answered by a run alone: one that did not begin,
    /// or of which nothing is known, is carried out again.
    /// </summary>
    private static Outcome Unproven(Job job, Outcome outcome, Outcome truth) =>
        job.Entry is not null && outcome == Outcome.TimedOut ? truth : outcome;

    private void StopRun(Job job, JobRun run, Outcome outcome, ErrorCode why)
    {
        switch (run.Stage)
        {
            case RunStage.Waiting:
                if (run.Queue is not null) StopWaiting(run);
                run.Desk ??= run.Seat?.Desk;
                if (job.Halt is { } halt) Settle(job, run, Outcome.Skipped, Encoding.UTF8.GetBytes(halt));
                else Settle(job, run, Unproven(job, outcome, Outcome.Offline),
                    "it was not started: its turn did not come"u8);
                break;
            case RunStage.Away:
                Settle(job, run, Unproven(job, outcome, Outcome.WorkerLost),
                    "the worker's connection is lost; it may still run"u8);
                break;
            case RunStage.Sent or RunStage.Started:
                answers.Cancel(run.Desk!, run.Id, why);
                break;
        }
    }

    /// <summary>The sender is gone for good: nobody waits for answers, and what runs is ended.</summary>
    public void Abandon(Job job)
    {
        job.IsMuted = true;
        if (job.Refusal is not null) table.Close(job);
        for (int i = 0; i < job.Runs.Count && !job.IsClosed; i++)
            if (job.Runs[i] is { Stage: RunStage.Ended, IsDelivered: false } run) Deliver(job, run, default, default);
        Stop(job, ErrorCode.Cancelled);
    }

    /// <summary>A job's time is up: its own, or that of workers that do not say that what they run has ended.</summary>
    public void JobDue(Job job)
    {
        if (job.Recovery is { IsComplete: false } && job.Ending == 0)
        {
            CompleteRecovery(job);
            return;
        }
        if (job.Ending == 0)
        {
            Stop(job, ErrorCode.TimedOut);
            return;
        }
        Outcome outcome = OutcomeOf(job.Ending);
        for (int i = 0; i < job.Runs.Count && !job.IsClosed; i++)
        {
            JobRun run = job.Runs[i];
            if (run.Stage != RunStage.Ended)
                Settle(job, run, outcome, "the worker did not say that it has ended; it may still run"u8);
            else if (!run.IsDelivered && job.IsListening) Deliver(job, run, run.Detail, run.Tail);
        }
    }

    private static TriggerException NoJobFree(Job job) => job.Held is not null ? TooManyUnderWay(job) : new(
        ErrorCode.TimedOut,
        $"no worker of service '{job.Lane.Service.Name}' had a job free in time",
        $"{job.Lane.Service.Workers.Length} attached, all busy; the request waited for its whole timeout",
        "send it with a longer -timeout, or start workers with more --jobs");

    private static TriggerException NobodyTook(Job job) => new(
        ErrorCode.TimedOut,
        $"no worker of service '{job.Lane.Service.Name}' took the broadcast",
        $"those that are online were busy for {Limits.BroadcastTakeMax.TotalSeconds:0} s",
        "send it again, or start workers with more --jobs");

    private static TriggerException TooManyUnderWay(Job job) => new(
        ErrorCode.TimedOut,
        $"no more requests of service '{job.Lane.Service.Name}' could be begun in time",
        "as many were under way as max-inflight of it or of the trigger allows",
        "send it with a longer -timeout, or set a higher max-inflight");

    private static TriggerException Cancelled() =>
        new(ErrorCode.Cancelled, "the request was cancelled", "nothing had run");
}
