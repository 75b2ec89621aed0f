namespace TriggerFs.Broker.Jobs;

/// <summary>What becomes of jobs that carry on a stream: nobody hears of them but the stream.</summary>
interface IStreamJobs
{
    /// <summary>The next bytes that the run wrote; none twice, none left out.</summary>
    void Output(Job job, byte flags, ReadOnlySpan<byte> bytes);

    /// <summary>The job is over, and how its run ended.</summary>
    void Ended(Job job, JobRun run, ReadOnlySpan<byte> detail);

    /// <summary>The job is over, and nothing ran.</summary>
    void Refused(Job job, Core.TriggerException problem);
}
