namespace TriggerFs.Commands.Mount;

/// <summary>
/// Says that the spool's disk refuses, once a minute: a program that logs would fill the journal with it.
/// </summary>
sealed class SpoolTrouble(MountJournal journal)
{
    private const long PeriodMs = 60_000;

    private long _saidMs = -PeriodMs;

    public void Tell(string why)
    {
        long nowMs = Environment.TickCount64;
        if (nowMs - Interlocked.Read(ref _saidMs) < PeriodMs) return;
        Interlocked.Exchange(ref _saidMs, nowMs);
        journal.Say($"W: the spool cannot be written: {why}. Writes fail with ENOSPC until it can; said once a minute");
    }
}
