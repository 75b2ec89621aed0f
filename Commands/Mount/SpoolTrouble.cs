using System.Globalization;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Says that the spool takes nothing, or keeps nothing: its disk refuses, or it is full. Once a minute in the journal,
/// because a program that logs would fill it; a full spool once an hour in the user's mailbox, too, when the broker is
/// there.
/// </summary>
sealed class SpoolTrouble
{
    private const long PeriodMs = 60_000;
    private const long LetterPeriodMs = 3_600_000;

    private readonly MountJournal _journal;
    private readonly UserSession _session;
    private readonly Lock _gate = new();
    private (DateTimeOffset Since, string Why)? _notSynced;
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

    /// <summary>Since when and why the disk does not take what was written; null when it does.</summary>
    public (DateTimeOffset Since, string Why)? NotSynced
    {
        get
        {
            lock (_gate) return _notSynced;
        }
    }

    /// <summary>What was written is on the disk, or cannot be brought there: said once, and so is that it can again.
    /// </summary>
    public void TellSynced(IOException? problem, SyncRule policy)
    {
        lock (_gate)
        {
            bool wasRefused = _notSynced is not null;
            if (problem is null) _notSynced = null;
            else _notSynced = (_notSynced?.Since ?? DateTimeOffset.UtcNow, problem.Message);
            if (wasRefused == (problem is not null)) return;
        }
        string meanwhile = policy == SyncRule.Always
            ? "writes fail with ENOSPC" : "a power cut may take all that was written since";
        _journal.Say(problem is null
            ? "the spool is on the disk again, with all that was written meanwhile"
            : $"W: the spool is not brought to the disk: {problem.Message}. It is tried again; until then {meanwhile}");
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
