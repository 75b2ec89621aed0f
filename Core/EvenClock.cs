namespace TriggerFs.Core;

/// <summary>
/// A wall clock that does not jump: set when it starts, then it goes on as the steady clock does. What is written to a
/// disk with its times has its age by this clock, so that nothing is too old, or waits for an hour more, because a
/// machine was told the right time.
/// </summary>
/// <param name="start">When it started.</param>
sealed class EvenClock(Instant start)
{
    /// <summary>2018 began: whatever says that it is older was written while the machine did not know the time, as a
    /// Raspberry Pi does not when it boots.</summary>
    public const long UnsetBeforeUnixMs = 1_514_764_800_000;

    /// <summary>What it shows, in ms since 1970.</summary>
    public long UnixMs(Instant now) => start.UnixMs + SinceStartMs(now);

    /// <summary>
    /// How long ago a time was that such a clock showed, of this run or of one before. Where the clock of an earlier
    /// run cannot have been right, or this one cannot be: since this one started.
    /// </summary>
    public long AgeMs(long unixMs, Instant now)
    {
        long ageMs = UnixMs(now) - unixMs;
        bool isOfBefore = unixMs < start.UnixMs;
        return ageMs < 0 || (isOfBefore && unixMs < UnsetBeforeUnixMs) ? SinceStartMs(now) : ageMs;
    }

    private long SinceStartMs(Instant now) => now.SteadyMs - start.SteadyMs;
}
