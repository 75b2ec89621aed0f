using System.Globalization;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Says that the spool takes nothing: its disk refuses, or it is full. Once a minute in the journal, because a program
/// that logs would fill it; a full spool once an hour in the user's mailbox, too, when the broker is there.
/// </summary>
sealed class SpoolTrouble
{
    private const long PeriodMs = 60_000;
    private const long LetterPeriodMs = 3_600_000;

    private readonly MountJournal _journal;
    private readonly UserSession _session;
    private long _saidMs = -PeriodMs;
    private long _writtenMs = -LetterPeriodMs;

    /// <summary>What the mailbox is to be told when the broker is there; null for nothing.</summary>
    private string? _letter;

    public SpoolTrouble(MountJournal journal, UserSession session)
    {
        (_journal, _session) = (journal, session);
        session.Joined += _ => Write();
    }

    public void Tell(string why)
    {
        if (IsTime(ref _saidMs, PeriodMs))
            _journal.Say(
                $"W: the spool cannot be written: {why}. Writes fail with ENOSPC until it can; said once a minute");
    }

    /// <summary>Old messages made room for new ones.</summary>
    public void TellDropped(long count)
    {
        if (IsTime(ref _saidMs, PeriodMs))
            _journal.Say(string.Create(CultureInfo.InvariantCulture,
                $"W: the spool is full, and the oldest messages make room (on-full drop-oldest): {count} so far"));
    }

    /// <summary>Somebody waited in vain for room.</summary>
    public void TellFull(in SpoolStatus spool, SpoolOptions options)
    {
        string what = string.Create(CultureInfo.InvariantCulture,
            $"the spool {options.Folder} of {Environment.MachineName} is full: {spool.Depth} messages wait");
        if (IsTime(ref _saidMs, PeriodMs))
            _journal.Say($"W: {what}. Writes fail with ENOSPC until some are sent; said once a minute");
        if (!IsTime(ref _writtenMs, LetterPeriodMs)) return;
        Interlocked.Exchange(ref _letter, what);
        if (_session.IsUp) Write();
    }

    private void Write()
    {
        if (Interlocked.Exchange(ref _letter, null) is { } letter) _ = WriteAsync(letter);
    }

    private async Task WriteAsync(string letter)
    {
        try
        {
            await _session.ManageAsync(
                Verb.Request, ObjectKind.Mailbox, "", Properties.Note, [letter], CancellationToken.None);
        }
        catch (TriggerException problem)
        {
            _journal.Say($"W: the mailbox cannot be told that the spool is full: {problem.Message}");
        }
    }

    private static bool IsTime(ref long lastMs, long periodMs)
    {
        long nowMs = Environment.TickCount64, before = Interlocked.Read(ref lastMs);
        return nowMs - before >= periodMs && Interlocked.CompareExchange(ref lastMs, nowMs, before) == before;
    }
}
