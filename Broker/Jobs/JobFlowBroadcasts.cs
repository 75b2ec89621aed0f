using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Requests for every worker that is online, of which nobody hears the end: a run that a worker has taken is its
/// worker's own from then on, over a link that breaks and a broker that restarts.
/// </summary>
sealed partial class JobFlow
{
    /// <summary>When workers that have not taken it by then are told to the sender.</summary>
    private long TakenByMs(Job job) =>
        Math.Min(job.DeadlineMs, around.NowMs + (long)Limits.BroadcastTakeMax.TotalMilliseconds);

    private void Taken(Job job, JobRun run) => Settle(job, run, Outcome.Taken, default);

    /// <summary>A worker came back with a run that was broadcast: it goes on, and fills a job.</summary>
    private void Keep(WorkerDesk desk, HeldRun held)
    {
        JobRun run = Take(desk, held);
        table.Deadlines.Set(run, around.NowMs + (long)Limits.TimeoutMax.TotalMilliseconds);
        answers.Credit(desk, run.Id, held.Offset, replay: true);
    }
}
