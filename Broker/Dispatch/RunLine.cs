using TriggerFs.Broker.Jobs;
using TriggerFs.Core;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Runs of one sender and one priority, the oldest first. Their rounds only go up, so that among the lines of a
/// <see cref="RunQueue"/> it is enough to look at the first of each, however many thousand wait behind it.
/// </summary>
sealed class RunLine : IPlaced
{
    private JobRun? _last;

    /// <summary>Whose it is; null for one run that came back, which nobody lines up behind.</summary>
    public (UInt128 Sender, byte Priority)? Key { get; set; }

    public JobRun? First { get; private set; }

    int IPlaced.Place { get; set; }

    public void Add(JobRun run)
    {
        (run.Line, run.Before, run.Behind) = (this, _last, null);
        if (_last is null) First = run;
        else _last.Behind = run;
        _last = run;
    }

    public void Remove(JobRun run)
    {
        if (run.Before is null) First = run.Behind;
        else run.Before.Behind = run.Behind;
        if (run.Behind is null) _last = run.Before;
        else run.Behind.Before = run.Before;
        (run.Line, run.Before, run.Behind) = (null, null, null);
    }

    /// <summary>Which of two that are not empty has its turn: below 0 for the first.</summary>
    public static int Order(RunLine a, RunLine b)
    {
        JobRun one = a.First!, other = b.First!;
        int byPriority = other.Job!.Priority.CompareTo(one.Job!.Priority);
        if (byPriority != 0) return byPriority;
        return one.Round != other.Round ? one.Round.CompareTo(other.Round) : one.Turn.CompareTo(other.Turn);
    }
}
