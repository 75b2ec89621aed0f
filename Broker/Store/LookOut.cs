using System.Diagnostics;

namespace TriggerFs.Broker.Store;

/// <summary>
/// Whether a thread that has nothing to do looks for the next work for a moment before it sleeps, because waking it
/// takes as long as the work: only while work comes that often, and where a processor is free for it.
/// </summary>
sealed class LookOut
{
    private static readonly long MaxTicks = Environment.ProcessorCount > 1 ? Stopwatch.Frequency / 10_000 : 0;

    private long _begunTicks;
    private bool _isWorthIt;

    /// <summary>There is nothing to do.</summary>
    public void Begin() => _begunTicks = Stopwatch.GetTimestamp();

    public bool GoesOn() => _isWorthIt && Stopwatch.GetTimestamp() - _begunTicks < MaxTicks;

    /// <summary>There is work.</summary>
    public void End() => _isWorthIt = Stopwatch.GetTimestamp() - _begunTicks < MaxTicks;
}
