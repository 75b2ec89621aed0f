using System.Diagnostics.CodeAnalysis;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Bytes of runs that were given to workers and of which no sign came yet, of all workers together, and the workers
/// that get no more because these were too many.
/// </summary>
/// <param name="max">In bytes; a single run may be larger.</param>
sealed class UnreadRuns(long max)
{
    private readonly Queue<WorkerDesk> _held = new();
    private long _bytes;

    /// <summary>Workers that are held back.</summary>
    public int Held => _held.Count;

    public void Add(int bytes) => _bytes += bytes;

    public void Remove(int bytes) => _bytes -= bytes;

    /// <summary>One run always fits, however large; else the worker is held back until some are read.</summary>
    public bool HasRoom(WorkerDesk desk, int bytes)
    {
        if (_bytes == 0 || _bytes + bytes <= max) return true;
        if (!desk.IsHeld) _held.Enqueue(desk);
        desk.IsHeld = true;
        return false;
    }

    /// <summary>The worker that is held back longest looks again; it is held back again if there is no room.</summary>
    public bool TryRelease([NotNullWhen(true)] out WorkerDesk? desk)
    {
        if (!_held.TryDequeue(out desk)) return false;
        desk.IsHeld = false;
        return true;
    }
}
