using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>Writes what senders and workers hear of a job. Says nothing to a sender who is not listening.</summary>
sealed class Answers(Surroundings around, Peers peers, Monitors monitors)
{
    public void Dispatched(Job job, int workers)
    {
        Service service = job.Lane.Service;
        new Dispatched(
            new(job.AudienceId), service.Algorithm, Math.Min(workers, ushort.MaxValue), service.Name.Value)
            .Write(around.Wire);
        peers.Send(job.Audience!.Peer!);
    }

    public void Output(Job job, JobRun run, byte flags, ulong offset, ReadOnlySpan<byte> bytes)
    {
        var output = new Output
        {
            Id = job.AudienceId,
            Offset = offset,
            Flags = flags,
            Worker = run.Desk!.NameUtf8,
            Bytes = bytes,
        };
        output.WriteHead(around.Wire);
        Send(job.Audience!, bytes);
        monitors.Output(job, run, flags, bytes);
    }

    /// <summary>The run's outcome; what the sender has of the tail already is left out.</summary>
    public void Finished(Job job, JobRun run, bool isLast, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail)
    {
        tail = run.Fresh(tail);
        var finished = new Finished
        {
            Id = job.AudienceId,
            Flags = (byte)(run.EndFlags | (isLast ? Core.Messages.Finished.Last : 0)),
            Outcome = run.Outcome,
            ExitCode = run.ExitCode,
            Offset = run.EndOffset,
            DurationMs = run.DurationMs,
            Run = new(run.Outcome is Outcome.Offline or Outcome.Skipped ? 0 : run.Id),
            Worker = run.Desk is null ? default : run.Desk.NameUtf8,
            Detail = detail,
            Tail = tail,
        };
        finished.WriteHead(around.Wire);
        Send(job.Audience!, tail);
    }

    public void Refused(Job job, TriggerException problem) =>
        peers.Refuse(job.Audience!.Peer!, new(job.AudienceId), problem);

    public void Run(Job job, JobRun run, WorkerDesk desk)
    {
        JobContent content = job.Content;
        var message = new Run
        {
            Id = new(run.Id),
            Session = job.IsBroadcast ? SessionId.None : job.Session.Id,
            Request = new(job.IsBroadcast ? 0 : job.Id),
            Attempt = (byte)Math.Min(run.Attempt + job.FirstAttempt - 1, byte.MaxValue),
            Hops = job.Hops,
            Message = job.Message,
            WrittenUnixMs = job.WrittenUnixMs,
            Parent = job.Parent,
            TimeoutMs = TimeoutMs(job),
            Window = Window(job),
            Team = job.Session.TeamUtf8,
            User = job.Session.UserUtf8,
            Service = content.Service,
            Trigger = content.Trigger,
            Plugin = content.Plugin,
            ArgsBytes = content.Args,
            Payload = content.Payload,
        };
        message.WriteHead(around.Wire);
        // Whoever has few under way waits for it, whatever else the worker has to do.
        int underWay = Math.Min(job.Session.Jobs.Count, Math.Max(desk.Busy, Limits.FewUnderWay + 1));
        peers.Send(desk.Peer!, message.Payload, underWay);
    }

    private void Send(UserSession audience, ReadOnlySpan<byte> body) =>
        peers.Send(audience.Peer!, body, audience.Jobs.Count);

    /// <summary>What is left of its time; 0 for a stream, which has no end.</summary>
    private uint TimeoutMs(Job job) =>
        job.Stream is not null ? 0 : (uint)Math.Clamp(job.DeadlineMs - around.NowMs, 1, uint.MaxValue);

    /// <summary>
    /// What one run may have under way, so that all of its session's together do not overrun its reader.
    /// </summary>
    private static uint Window(Job job)
    {
        if (job.Stream is not null) return Limits.StreamWindow;
        int runs = Math.Max(1, job.Session.Jobs.Count + job.Plan.WaveSize - 1);
        return (uint)Math.Clamp(Limits.SessionOutputMax / runs, Limits.OutputWindowMin, Limits.OutputWindow);
    }

    /// <summary>Ends a run at its worker, if the worker is there.</summary>
    public void Cancel(WorkerDesk desk, ulong run, ErrorCode why)
    {
        if (desk.Peer is not { } peer) return;
        new Cancel(run, why).Write(around.Wire);
        peers.Send(peer);
    }

    /// <summary>The sender is done with output up to an offset, which is the worker's own.</summary>
    public void Credit(WorkerDesk desk, ulong run, ulong offset, bool replay)
    {
        if (desk.Peer is not { } peer) return;
        var credit = new Credit { Id = run, Replay = replay, Offset = offset };
        credit.Write(around.Wire);
        peers.Send(peer);
    }
}
