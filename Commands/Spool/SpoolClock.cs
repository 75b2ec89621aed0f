using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>By which messages in spools have their times: a clock of this process, which does not jump.</summary>
static class SpoolClock
{
    private static readonly EvenClock Even = new(Instant.Now());

    /// <summary>Milliseconds since 1970.</summary>
    public static long NowUnixMs => Even.UnixMs(Instant.Now());

    /// <summary>How long ago a message was written, by this process or by one before.</summary>
    public static TimeSpan AgeOf(long writtenUnixMs) =>
        TimeSpan.FromMilliseconds(Even.AgeMs(writtenUnixMs, Instant.Now()));
}
