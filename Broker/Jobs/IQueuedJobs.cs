using TriggerFs.Core;

namespace TriggerFs.Broker.Jobs;

/// <summary>What becomes of jobs that carry a message of the queue.</summary>
interface IQueuedJobs
{
    /// <summary>
    /// A run ended. True when the message goes back to the queue, to be carried out again: the run is no answer, and
    /// the job is over.
    /// </summary>
    bool Ended(Job job, JobRun run);

    /// <summary>The job is over, and its answer stands.</summary>
    void Done(Job job);

    /// <summary>The job is over without an answer.</summary>
    void Refused(Job job, TriggerException problem);
}
