using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Jobs that carry a message of the queue: whoever wrote it may go away, and the job goes on without anybody who reads
/// its output.
/// </summary>
sealed partial class JobFlow
{
    /// <summary>Hears what becomes of jobs that carry a message of the queue.</summary>
    public IQueuedJobs Queue { get; set; } = null!;

    /// <summary>The one who listened is gone: from here on the broker itself is done with the output.</summary>
    public void Mute(Job job)
    {
        job.Audience = null;
        job.IsListening = false;
        job.IsMuted = true;
        foreach (JobRun run in job.Runs)
            if (run is { Stage: RunStage.Started, Id: not 0, Desk: { } desk } && run.Forwarded > run.Base)
                answers.Credit(desk, run.Id, run.Forwarded - run.Base, replay: false);
        for (int i = 0; i < job.Runs.Count && !job.IsClosed; i++)
            if (job.Runs[i] is { Stage: RunStage.Ended, IsDelivered: false } run)
                Deliver(job, run, run.Detail, run.Tail);
    }

    /// <summary>A worker came back with a run of the message; others of its service may, too.</summary>
    public void Recover(Job job)
    {
        job.Recovery = new([]);
        table.Deadlines.Set(job, around.NowMs + GraceMs);
    }

    private void Swallow(Job job, JobRun run, in Output output)
    {
        ulong offset = run.Base + output.Offset, end = offset + (ulong)output.Bytes.Length;
        if (end > run.Forwarded)
        {
            ReadOnlySpan<byte> fresh = output.Bytes[(int)(Math.Max(offset, run.Forwarded) - offset)..];
            monitors.Output(job, run, output.Flags, fresh);
            Queue.Wrote(job, fresh);
        }
        run.Forwarded = Math.Max(run.Forwarded, end);
        if (!job.IsClosed) answers.Credit(run.Desk!, run.Id, run.Forwarded - run.Base, replay: false);
    }

    private static Job? Find(UserSession session, ulong id) =>
        session.Jobs.TryGetValue(id, out Job? job) ? job
        : session.Heard.TryGetValue(id, out Queue.QueueEntry? entry) ? entry.Job : null;
}
