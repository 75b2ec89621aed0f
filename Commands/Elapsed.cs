using System.Diagnostics;

namespace TriggerFs.Commands;

/// <summary>Time that has passed, as finely as the clock has it.</summary>
static class Elapsed
{
    /// <summary>Nanoseconds since a timestamp of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public static long Nanoseconds(long begun) =>
        (long)((Stopwatch.GetTimestamp() - begun) * (1_000_000_000.0 / Stopwatch.Frequency));
}
