using System.Runtime.InteropServices;
using TriggerFs.Broker.Jobs;
using TriggerFs.Core;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Runs that wait for a free job: what has more priority first, and senders in turn, each one's oldest first. All
/// callers of another team are one sender. Each run can be taken out at once.
/// </summary>
sealed class RunQueue
{
    /// <summary>Lines that are kept for the next ones.</summary>
    private const int SpareMax = 16;

    private readonly PlacedHeap<RunLine> _lines = new(RunLine.Order);
    private readonly Dictionary<(UInt128 Sender, byte Priority), RunLine> _lineOf = [];
    private readonly Stack<RunLine> _spare = new();
    private readonly FairRounds<UInt128> _senders = new();

    public JobRun? First => _lines.First?.First;

    public int Count { get; private set; }

    /// <summary>All that wait, in no order.</summary>
    public IEnumerable<JobRun> Runs
    {
        get
        {
            foreach (RunLine line in _lines.Items)
                for (JobRun? run = line.First; run is not null; run = run.Behind) yield return run;
        }
    }

    /// <summary>When its worker took something out of it last: of several queues the one has its turn that waited.
    /// </summary>
    public ulong ServedAt { get; set; }

    /// <summary>Puts a run into the line. One that comes back, because it was lost, is put before all others.</summary>
    public void Add(JobRun run)
    {
        UInt128 sender = SenderOf(run);
        RunLine line;
        if (run.Round == 0)
        {
            run.Round = _senders.Join(sender);
            line = LineOf((sender, run.Job!.Priority));
        }
        else
        {
            _senders.JoinAgain(sender, run.Round = FairRounds<UInt128>.BeforeAll);
            line = Spare();
        }
        run.Queue = this;
        Count++;
        line.Add(run);
        if (line.First == run) _lines.Add(line);
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
        RunLine line = run.Line!;
        bool wasFirst = line.First == run;
        if (wasFirst) _lines.Remove(line);
        line.Remove(run);
        if (line.First is null) Close(line);
        else if (wasFirst) _lines.Add(line);
        run.Queue = null;
        Count--;
    }

    private RunLine LineOf((UInt128 Sender, byte Priority) key)
    {
        ref RunLine? line = ref CollectionsMarshal.GetValueRefOrAddDefault(_lineOf, key, out _);
        if (line is not null) return line;
        line = Spare();
        line.Key = key;
        return line;
    }

    private RunLine Spare() => _spare.TryPop(out RunLine? line) ? line : new();

    private void Close(RunLine line)
    {
        if (line.Key is { } key) _lineOf.Remove(key);
        line.Key = null;
        if (_spare.Count < SpareMax) _spare.Push(line);
    }

    // The numbers of sessions are random and have 128 bits; those of teams are small.
    private static UInt128 SenderOf(JobRun run)
    {
        Job job = run.Job!;
        return job.Session.Team.Id == job.Lane.Service.Team ? job.Session.Id.Value : (ulong)job.Session.Team.Id.Value;
    }
}
