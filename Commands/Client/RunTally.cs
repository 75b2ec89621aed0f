using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>How the workers of one request have done so far.</summary>
/// <param name="rules">How carefully it goes to them; null for all at once, whatever fails.</param>
sealed class RunTally(RolloutRules? rules)
{
    private readonly List<string> _failed = [];
    private int _status;
    private bool _isTaken;

    /// <summary>Workers that the request goes to; 0 before the broker said so.</summary>
    public int Workers { get; set; }

    /// <summary>Workers that did it well.</summary>
    public int Done { get; private set; }

    /// <summary>Workers that did not do it, or not well; those that were lost or spared are among them.</summary>
    public IReadOnlyList<string> Failed => _failed;

    /// <summary>Those of the failed that were spared.</summary>
    public int Skipped { get; private set; }

    /// <summary>Workers that have not ended.</summary>
    public int Running => Math.Max(0, Workers - Done - _failed.Count);

    /// <summary>
    /// The exit status: the highest of all, or that the others were spared; of a broadcast, whether anybody took it.
    /// </summary>
    public int Status => _isTaken ? ExitCodes.Ok : IsHalted ? ExitCodes.Halted : _status;

    /// <summary>Too many failed.</summary>
    public bool IsHalted { get; private set; }

    public void Add(RunEnd end)
    {
        _isTaken |= end.Outcome == Outcome.Taken;
        _status = Math.Max(_status, end.Status);
        if (end.Status == 0)
        {
            Done++;
            return;
        }
        _failed.Add(end.Worker);
        if (end.Outcome == Outcome.Skipped) Skipped++;
        bool isOver = end.Outcome != Outcome.Cancelled && rules?.IsOver(_failed.Count - Skipped, Workers) == true;
        if (isOver || Skipped > 0) IsHalted = true;
    }
}
