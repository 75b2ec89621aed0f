using System.Diagnostics;

namespace TriggerFs.Bench;

/// <summary>
/// Counts the answers of one cell: nothing while it warms up, then all for a while. Not for several threads at once.
/// </summary>
sealed class Meter(Cell cell, TimeSpan warmUp, TimeSpan measure)
{
    private readonly long _beginTicks = Stopwatch.GetTimestamp() + Ticks(warmUp);
    private readonly long _endTicks = Stopwatch.GetTimestamp() + Ticks(warmUp + measure);
    private readonly long[] _latencies = new long[4_000_000];
    private int _count;

    public Cell Cell => cell;

    /// <summary>Counts an answer to what was asked at a moment; false when it is time to stop asking.</summary>
    public bool Answered(long askedTicks, long nowTicks)
    {
        if (nowTicks >= _endTicks) return false;
        if (nowTicks < _beginTicks) return true;
        if (_count < _latencies.Length) _latencies[_count] = nowTicks - askedTicks; // Of the first few millions.
        _count++;
        return true;
    }

    public Result Result()
    {
        Span<long> all = _latencies.AsSpan(0, Math.Min(_count, _latencies.Length));
        all.Sort();
        double seconds = Stopwatch.GetElapsedTime(_beginTicks, _endTicks).TotalSeconds;
        return new(cell, _count / seconds, At(all, 0.5), At(all, 0.99), At(all, 0.999));
    }

    private static double At(ReadOnlySpan<long> sorted, double part) =>
        sorted.IsEmpty ? double.NaN
        : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * part)] * 1e6 / Stopwatch.Frequency;

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
