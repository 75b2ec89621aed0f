namespace TriggerFs.Core;

/// <summary>
/// A moment as the machine knows it: a steady clock for deadlines and a wall clock for people. Decisions about time use
/// <see cref="SteadyMs"/> alone, so that a wall clock that jumps breaks nothing.
/// </summary>
/// <param name="SteadyMs">Milliseconds of a clock that never jumps; its zero means nothing.</param>
/// <param name="UnixMs">Milliseconds since 1970 in UTC.</param>
readonly record struct Instant(long SteadyMs, long UnixMs)
{
    public static Instant Now() => new(Environment.TickCount64, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());

    public DateTimeOffset Utc => DateTimeOffset.FromUnixTimeMilliseconds(UnixMs);
}
