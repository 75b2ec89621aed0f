using TriggerFs.Broker.Jobs;

namespace TriggerFs.Broker.Dispatch;

/// <summary>Runs that wait for a free job, the oldest first; each can be taken out at once.</summary>
sealed class RunQueue
{
    private JobRun? _last;

    public JobRun? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>Puts a run behind those that are older. One that comes back is put before younger ones again.</summary>
    public void Add(JobRun run)
    {
        JobRun? before = _last;
        while (before is not null && before.Turn > run.Turn) before = before.QueuePrevious;
        JobRun? after = before is null ? First : before.QueueNext;
        run.Queue = this;
        run.QueuePrevious = before;
        run.QueueNext = after;
        if (before is null) First = run;
        else before.QueueNext = run;
        if (after is null) _last = run;
        else after.QueuePrevious = run;
        Count++;
    }

    public void Remove(JobRun run)
    {
        if (run.QueuePrevious is { } previous) previous.QueueNext = run.QueueNext;
        else First = run.QueueNext;
        if (run.QueueNext is { } next) next.QueuePrevious = run.QueuePrevious;
        else _last = run.QueuePrevious;
        run.Queue = null;
        run.QueueNext = run.QueuePrevious = null;
        Count--;
    }
}
