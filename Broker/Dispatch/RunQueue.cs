using TriggerFs.Broker.Jobs;
using TriggerFs.Core;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Runs that wait for a free job: what has more priority first, and senders in turn, each one's oldest first. All
/// callers of another team are one sender. Each run can be taken out at once.
/// </summary>
sealed class RunQueue
{
    private readonly PlacedHeap<JobRun> _runs = new(Order);
    private readonly FairRounds<UInt128> _senders = new();

    public JobRun? First => _runs.First;

    public int Count => _runs.Count;

    public IReadOnlyList<JobRun> Runs => _runs.Items;

    /// <summary>When its worker took something out of it last: of several queues the one has its turn that waited.
    /// </summary>
    public ulong ServedAt { get; set; }

    /// <summary>Puts a run into the line. One that comes back, because it was lost, is put before all others.</summary>
    public void Add(JobRun run)
    {
        if (run.Round == 0) run.Round = _senders.Join(SenderOf(run));
        else _senders.JoinAgain(SenderOf(run), run.Round = FairRounds<UInt128>.BeforeAll);
        run.Queue = this;
        _runs.Add(run);
    }

    /// <summary>Takes one out without its turn.</summary>
    public void Remove(JobRun run)
    {
        _senders.Leave(SenderOf(run));
        Drop(run);
    }

    /// <summary>Takes out the first, which has its turn.</summary>
    public void Take(JobRun run)
    {
        _senders.Take(SenderOf(run), run.Round);
        Drop(run);
    }

    private void Drop(JobRun run)
    {
        _runs.Remove(run);
        run.Queue = null;
    }

    // The numbers of sessions are random and have 128 bits; those of teams are small.
    private static UInt128 SenderOf(JobRun run)
    {
        Job job = run.Job!;
        return job.Session.Team.Id == job.Lane.Service.Team ? job.Session.Id.Value : (ulong)job.Session.Team.Id.Value;
    }

    private static int Order(JobRun a, JobRun b)
    {
        int byPriority = b.Job!.Priority.CompareTo(a.Job!.Priority);
        if (byPriority != 0) return byPriority;
        return a.Round != b.Round ? a.Round.CompareTo(b.Round) : a.Turn.CompareTo(b.Turn);
    }
}
