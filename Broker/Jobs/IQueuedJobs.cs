using TriggerFs.Core;

namespace TriggerFs.Broker.Jobs;

/// <summary>What becomes of jobs that carry a message of the queue.</summary>
interface IQueuedJobs
{
    /// <summary>A run wrote something, which nobody was told before.</summary>
    void Wrote(Job job, ReadOnlySpan<byte> output);

    /// <summary>
    /// A run ended. True when the message goes back to the queue, to be carried out again: the run is no answer, and
    /// the job is over.
    /// </summary>
    /// <param name="detail">Why, in the worker's words; often empty.</param>
    /// <param name="tail">What it wrote last, and nobody was told before.</param>
    bool Ended(Job job, JobRun run, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail);

    /// <summary>The job is over, and its answer stands.</summary>
    void Done(Job job);

    /// <summary>The job is over without an answer.</summary>
    void Refused(Job job, TriggerException problem);
}
