using System.Diagnostics;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Store;

/// <summary>
/// Whether a thread that has nothing to do looks for the next work for a moment before it sleeps, because waking it
/// takes as long as the work: only while work comes that often, and where a processor is free for it.
/// </summary>
sealed class LookOut
{
    /// <summary>Changes that one message alone makes, or two.</summary>
    private const int FewChanges = 4;

    /// <summary>How long it is looked for: to sleep and be woken would take as long.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromMicroseconds(100);

    private long _begunTicks;
    private bool _isWorthIt;

    /// <summary>Whether these are so few that the next may come soon, and a processor is there for it.</summary>
    public static bool IsFor(IReadOnlyList<Change> changes) =>
        changes.Count <= FewChanges && Environment.ProcessorCount > 1;

    /// <summary>There is nothing to do.</summary>
    public void Begin() => _begunTicks = Stopwatch.GetTimestamp();

    public bool GoesOn() => _isWorthIt && Stopwatch.GetElapsedTime(_begunTicks) < Max;

    /// <summary>There is work.</summary>
    public void End() => _isWorthIt = Stopwatch.GetElapsedTime(_begunTicks) < Max;
}
