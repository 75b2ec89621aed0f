using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// The life of a request: who gets it, wave by wave, until each worker of its plan has an answer. The promises of
/// Transport/PROTOCOL.md, "What a request is promised", are kept here: one end for each request, and no run that may
/// have started is given to another worker unless the service or trigger says retry.
/// </summary>
sealed partial class JobFlow(
    Surroundings around, JobTable table, Inflight inflight, Answers answers, UnreadRuns unread, Monitors monitors)
{
    private readonly Mirror _everybody = new();
    private ulong _served;

    /// <summary>Runs that wait for a free job.</summary>
    public int Waiting { get; private set; }

    /// <summary>Begins a job whose lane, content and deadline are set.</summary>
    public void Begin(Job job)
    {
        Lane lane = job.Lane;
        if (job.Stream is null) inflight.Enter(job); // Nobody waits for the end of a stream.
        monitors.Begun(job);
        if (!lane.HasLive)
        {
            Refuse(job, NoWorker(lane, job.Session.Team.Id));
            return;
        }
        if (job.Stream is null) table.Deadlines.Set(job, job.IsBroadcast ? TakenByMs(job) : job.DeadlineMs);
        job.Plan = AlgorithmOf(job).Next(lane.Seats, DemandOf(job));
        if (!job.Plan.Spares) TakeSeats(job, lane);
        if (job.Plan.Workers == 0)
        {
            Refuse(job, NoneAttached(lane));
            return;
        }
        job.Pending = job.Plan.Workers;
        if (job.TellsDispatch && job.IsListening) answers.Dispatched(job, job.Pending);
        if (job.Plan.Spares)
        {
            job.Wave = 1;
            Place(job, table.AddRun(job), job.Plan.First);
            return;
        }
        Advance(job);
    }

    /// <summary>The job waits until fewer are under way, as long as its time lasts.</summary>
    public void Hold(Job job)
    {
        table.Deadlines.Set(job, job.DeadlineMs);
        Inflight.Hold(job);
    }

    /// <summary>Gives the run to a seat of its lane, or lets it wait for the first that is free.</summary>
    private void Place(Job job, JobRun run, int seat) =>
        GiveOrWait(run, seat >= 0 ? job.Lane.Seats[seat].Desk : null, job.Lane.Waiting);

    /// <summary>
    /// Gives the run to a worker that has room for it, unless others go before it: they may wait for more room than it
    /// needs.
    /// </summary>
    private void GiveOrWait(JobRun run, WorkerDesk? free, RunQueue queue)
    {
        if (queue.First is not null || free is null)
        {
            Wait(run, queue);
            if (queue.First != run || free is null) return;
            TakeTurn(run);
        }
        Give(run, free);
    }

    /// <summary>Begins waves until one has something to wait for, or all are done.</summary>
    private void Advance(Job job)
    {
        while (!job.IsClosed && job.Ending == 0 && job.Open == 0)
        {
            (int first, int count) = job.Plan.Wave(job.Wave);
            if (count == 0 || IsHeldBack(job)) return;
            job.Wave++;
            for (int i = first; i < first + count; i++) table.AddRun(job).Seat = job.Seats[i];
            // All have their run before the first ends: a wave is over when none of it is open.
            int from = job.Runs.Count - count;
            for (int i = from; i < from + count && !job.IsClosed && job.Ending == 0; i++) Try(job, job.Runs[i]);
        }
    }

    /// <summary>
    /// Gives the run to the one worker that it is for, lets it wait for it, or says that it is offline.
    /// </summary>
    private void Try(Job job, JobRun run)
    {
        WorkerDesk desk = run.Seat!.Desk;
        run.Desk = desk;
        if (!run.Seat.IsLive) Settle(job, run, Outcome.Offline, OfflineDetail);
        else GiveOrWait(run, desk.HasRoom(DemandOf(job)) ? desk : null, desk.Waiting);
    }

    private void Wait(JobRun run, RunQueue queue)
    {
        run.Stage = RunStage.Waiting;
        queue.Add(run);
        Waiting++;
    }

    private void StopWaiting(JobRun run)
    {
        run.Queue!.Remove(run);
        Waiting--;
    }

    private void TakeTurn(JobRun run)
    {
        run.Queue!.ServedAt = ++_served;
        run.Queue.Take(run);
        Waiting--;
    }

    private void Give(JobRun run, WorkerDesk desk)
    {
        Job job = run.Job!;
        table.Number(run);
        run.Stage = RunStage.Sent;
        run.Round = FairRounds<UInt128>.BeforeAll; // If it comes back.
        run.Desk = desk;
        if (job.Bases.Count > 0) Rebase(job, run, desk);
        run.UnreadBytes = job.Content.Length;
        desk.Give(run.UnreadBytes, job.Session.Id, around.NowMs);
        desk.Busy++;
        run.FillsJob = true;
        desk.Add(run);
        job.IsReached = true;
        answers.Run(job, run, desk);
    }

    /// <summary>
    /// The worker has jobs free: what waits for it, or for any of a lane that it serves, goes to it.
    /// </summary>
    public void Pump(WorkerDesk desk)
    {
        Fill(desk);
        PumpHeld();
    }

    /// <summary>Workers that were held back, because too many bytes were unread, look again.</summary>
    private void PumpHeld()
    {
        for (int left = unread.Held; left > 0 && unread.TryRelease(out WorkerDesk? desk); left--) Fill(desk);
    }

    /// <summary>Workers that are held back look again, and those that kept a job for others.</summary>
    public void Tick(IEnumerable<WorkerDesk> desks)
    {
        PumpHeld();
        if (Waiting == 0) return;
        foreach (WorkerDesk desk in desks)
            if (desk.KeepsJob) Fill(desk);
    }

    /// <summary>What each of the job's runs asks of a worker now.</summary>
    private Demand DemandOf(Job job) => new(job.Content.Length, job.Session.Jobs.Count, around.NowMs);

    private void Fill(WorkerDesk desk)
    {
        desk.KeepsJob = false;
        while (Waiting > 0 && desk.IsOpen && desk.Busy < desk.Jobs)
        {
            JobRun? next = desk.Waiting.First is { } own && desk.HasJob(DemandOf(own.Job!)) ? own : null;
            foreach (Seat seat in desk.Seats)
                if (seat.IsLive && seat.Lane.Waiting.First is { } run && desk.HasJob(DemandOf(run.Job!))
                    && (next is null || GoesBefore(run, next)))
                    next = run;
            if (next is null || !desk.HasRoom(DemandOf(next.Job!))) return;
            TakeTurn(next);
            Give(next, desk);
        }
    }

    /// <summary>Of the first ones of two queues: more priority, then the queue that waited longer.</summary>
    private static bool GoesBefore(JobRun run, JobRun other)
    {
        if (run.Job!.Priority != other.Job!.Priority) return run.Job.Priority > other.Job.Priority;
        (ulong served, ulong otherServed) = (run.Queue!.ServedAt, other.Queue!.ServedAt);
        return served != otherServed ? served < otherServed : run.Turn < other.Turn;
    }

    /// <summary>The worker says that it starts the run.</summary>
    public void Started(WorkerDesk desk, RunId id)
    {
        if (table.TryFind(id.Value, out JobRun? run) && run.Desk == desk) Started(desk, run);
    }

    /// <summary>A sign of life of a run that was sent: it was read, and it has started.</summary>
    private void Started(WorkerDesk desk, JobRun run)
    {
        if (run.Stage != RunStage.Sent) return;
        run.Stage = RunStage.Started;
        Read(desk, run);
        if (run.Job is { } begun) monitors.Started(begun, run);
        if (run.Job is { IsBroadcast: true, Ending: 0 } broadcast) Taken(broadcast, run);
        // Nobody else can get it now: what it carries is not needed any more.
        if (run.Job is { Plan.Spares: true, Retry: 0, Stream: null } job) table.LetGo(job);
        if (Waiting > 0) Pump(desk);
    }

    private static void Read(WorkerDesk desk, JobRun run)
    {
        desk.WasRead(run.UnreadBytes);
        run.UnreadBytes = 0;
    }

    /// <summary>
    /// Output of a run: sent on as far as the sender has all before it; what it has already is left out.
    /// </summary>
    public void Output(WorkerDesk desk, in Output output)
    {
        if (!table.TryFind(output.Id, out JobRun? run) || run.Desk != desk || run.Stage == RunStage.Away) return;
        Started(desk, run);
        if (run.Job is { Entry: not null, IsMuted: true } alone)
        {
            Swallow(alone, run, output);
            return;
        }
        if (run.Job is not { IsListening: true, IsMuted: false } job || run.IsDelivered) return;
        ulong offset = output.Offset + run.Base;
        ulong end = offset + (ulong)output.Bytes.Length;
        if (offset > run.Forwarded || end <= run.Forwarded) return;
        ReadOnlySpan<byte> fresh = output.Bytes[(int)(run.Forwarded - offset)..];
        if (job.Stream is null) answers.Output(job, run, output.Flags, run.Forwarded, fresh);
        run.Forwarded = end;
        if (job.Entry is not null) Queue.Wrote(job, fresh);
        if (job.Stream is null) return;
        monitors.Output(job, run, output.Flags, fresh);
        Streams.Output(job, output.Flags, fresh);
    }

    /// <summary>The sender is done with some output: its worker may send more, and forget what lies before.</summary>
    public void Credit(UserSession session, in Credit credit)
    {
        if (Find(session, credit.Id) is not { } job) return;
        foreach (JobRun run in job.Runs)
        {
            if (run.Desk is not { } desk || run.Id == 0 || run.IsDelivered
                || !credit.Worker.SequenceEqual(desk.NameUtf8))
                continue;
            ulong offset = Math.Min(credit.Offset, run.Forwarded);
            if (credit.Replay) run.Forwarded = offset;
            if (offset < run.Base || (offset <= run.Credited && !credit.Replay)) return;
            run.Credited = offset;
            if (run.Stage != RunStage.Away) answers.Credit(desk, run.Id, offset - run.Base, credit.Replay);
            return;
        }
    }

    /// <summary>The sender wants a request to end; one that has ended is left alone.</summary>
    public void Cancel(UserSession session, in Cancel cancel)
    {
        if (session.Jobs.TryGetValue(cancel.Id, out Job? job)) Stop(job, ErrorCode.Cancelled);
    }

    /// <summary>A worker's run has ended.</summary>
    public void Finished(WorkerDesk desk, in Finished finished)
    {
        if (!table.TryFind(finished.Id, out JobRun? run) || run.Desk != desk || run.Stage == RunStage.Away) return;
        if (run.DeskIndex >= 0) TakeFrom(desk, run);
        if (run.Job is not { } job) table.Close(run);
        else if (run.Stage == RunStage.Ended) EndAgain(job, run, finished);
        else End(job, run, finished);
        if (Waiting > 0) Pump(desk);
    }

    /// <summary>The run does not fill a job of its worker any more.</summary>
    private static void TakeFrom(WorkerDesk desk, JobRun run)
    {
        if (run.Stage != RunStage.Away && run.FillsJob) desk.Busy--;
        Read(desk, run);
        desk.Remove(run);
    }

    private void End(Job job, JobRun run, in Finished finished)
    {
        if (job.IsBroadcast && finished.Outcome == Outcome.Done)
        {
            Taken(job, run);
            return;
        }
        bool isFailed = finished.Outcome != Outcome.Done || finished.ExitCode != 0;
        bool isRetryable = isFailed && finished.Outcome is Outcome.Done or Outcome.NotStarted or Outcome.WorkerLost;
        if (isRetryable && MayRetry(job, run))
        {
            ForwardTail(job, run, finished);
            Retry(job, run);
            return;
        }
        run.Outcome = finished.Outcome;
        run.ExitCode = finished.ExitCode;
        run.EndFlags = (byte)(finished.Flags & Core.Messages.Finished.Was200);
        run.EndOffset = finished.Offset + run.Base;
        run.DurationMs = finished.DurationMs;
        Settle(job, run, finished.Detail, finished.Tail);
        Advance(job);
    }
}
