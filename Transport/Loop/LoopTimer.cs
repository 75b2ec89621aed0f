using TriggerFs.Core;

namespace TriggerFs.Transport.Loop;

/// <summary>An action at a time or again and again; disposing it ends it. Loop's thread only.</summary>
sealed class LoopTimer : IPlaced, IDisposable
{
    private readonly PlacedHeap<LoopTimer> _heap;

    internal LoopTimer(PlacedHeap<LoopTimer> heap, Action action, long periodTicks)
    {
        _heap = heap;
        Action = action;
        PeriodTicks = periodTicks;
    }

    internal Action Action { get; }

    /// <summary>When it is due, in ticks of the steady clock.</summary>
    internal long DueTicks { get; set; }

    /// <summary>Ticks between two calls; 0 for a timer that fires once.</summary>
    internal long PeriodTicks { get; }

    int IPlaced.Place { get; set; } = -1;

    public void Dispose() => _heap.Remove(this);
}
