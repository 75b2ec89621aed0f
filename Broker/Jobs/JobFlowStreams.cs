using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Jobs that carry on a stream: any worker will do, there is no time limit, and the stream is the reader.
/// </summary>
sealed partial class JobFlow
{
    /// <summary>Hears what becomes of jobs that carry on a stream.</summary>
    public IStreamJobs Streams { get; set; } = null!;

    /// <summary>Who is asked, and in which order.</summary>
    private IAlgorithm AlgorithmOf(Job job) =>
        job.IsBroadcast ? _everybody : job.Stream is null ? job.Lane.Algorithm : job.Lane.StreamTurns;

    /// <summary>The stream has taken in all that came: its worker may send more.</summary>
    public void Credit(Job job)
    {
        foreach (JobRun run in job.Runs)
        {
            if (run.Desk is not { } desk || run.Stage != RunStage.Started) continue;
            if (run.Forwarded - run.Credited < Limits.OutputCreditStep) continue;
            run.Credited = run.Forwarded;
            answers.Credit(desk, run.Id, run.Credited - run.Base, replay: false);
        }
    }
}
