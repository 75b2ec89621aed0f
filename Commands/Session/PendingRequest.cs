using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>
/// A request under way: who waits for it, and how far each of its workers has come. Used again after its end.
/// </summary>
sealed class PendingRequest
{
    private readonly List<RunProgress> _runs = [];
    private int _runCount;
    private IReadOnlyList<string> _only = [];

    public RequestId Id { get; private set; }

    public IAnswers Answers { get; private set; } = null!;

    /// <summary>When nobody can be working on it any more, on the steady clock.</summary>
    public long DeadlineMs { get; private set; }

    /// <summary>Cancelled by its sender: said again when the link is back.</summary>
    public bool CancelWanted { get; set; }

    /// <summary>
    /// The broker answers for it once it is stored; before that its sender does, by sending it again.
    /// </summary>
    public bool IsAsynchronous { get; private set; }

    /// <summary>It is on the broker's disk.</summary>
    public bool IsStored { get; set; }

    /// <param name="only">The workers that it goes to alone; null for all of its service.</param>
    public void Begin(
        RequestId id, IAnswers answers, long deadlineMs, bool isAsynchronous, IReadOnlyList<string>? only)
    {
        _only = only ?? [];
        IsAsynchronous = isAsynchronous;
        IsStored = false;
        Id = id;
        Answers = answers;
        DeadlineMs = deadlineMs;
        CancelWanted = false;
        _runCount = 0;
    }

    /// <summary>Lets go of the reader, so that a pooled object keeps nothing alive.</summary>
    public void End() => Answers = null!;

    public RunProgress? Find(ReadOnlySpan<byte> worker)
    {
        for (int i = 0; i < _runCount; i++)
            if (_runs[i].Worker.SequenceEqual(worker)) return _runs[i];
        return null;
    }

    public RunProgress FindOrAdd(ReadOnlySpan<byte> worker)
    {
        if (Find(worker) is { } known) return known;
        if (_runCount == _runs.Count) _runs.Add(new RunProgress());
        RunProgress run = _runs[_runCount++];
        run.Begin(worker);
        return run;
    }

    /// <summary>What the broker has to know to go on with it after the link broke.</summary>
    public Reclaim Reclaim()
    {
        var runs = new ReclaimedRun[_runCount];
        for (int i = 0; i < runs.Length; i++) runs[i] = _runs[i].Reclaim();
        return new(Id, runs, _only);
    }
}
