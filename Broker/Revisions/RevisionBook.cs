using System.Collections.Immutable;
using System.Globalization;
using TriggerFs.Broker.Audit;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>
/// Gives each change of a team's configuration its revision: stored together with it, and with what takes it back.
/// </summary>
sealed class RevisionBook(Surroundings around)
{
    /// <summary>
    /// The changes of a statement that takes effect at once, and the revisions that they make. Refuses a change of a
    /// configuration that may yet be taken back by itself.
    /// </summary>
    public IReadOnlyList<Change> Enter(IReadOnlyList<Change> changes, string author, string line)
    {
        ILookup<TeamId?, Change> teams = changes.ToLookup(change => Undo.TeamOf(around.Roster, change));
        var all = new List<Change>(changes);
        foreach (IGrouping<TeamId?, Change> group in teams)
        {
            if (group.Key is not { } team) continue;
            var touched = new AuditedChanges(around.Roster, [.. group]);
            if (!touched.Keys.Any()) continue;
            CheckFree(team);
            var rehearsal = new Rehearsal(around.Roster);
            using (rehearsal) rehearsal.Apply(group);
            all.AddRange(Add(Next(team, RevisionKind.Statement, author, [AuditText.Clean(line)], touched, rehearsal)));
        }
        return all;
    }

    /// <summary>Refuses a change while the newest revision waits to be confirmed.</summary>
    public void CheckFree(TeamId team)
    {
        if (around.Roster.Revisions.UnconfirmedOf(team) is not { } waiting) return;
        throw new TriggerException(ErrorCode.Busy,
            $"revision {waiting.Number} of {waiting.Author} waits to be confirmed; nothing else is changed meanwhile",
            $"it is taken back by itself at {Time(waiting.ConfirmByUnixMs)}",
            "its author confirms it with 'commit', an admin goes back with 'rollback 1'; or wait");
    }

    /// <summary>The revision behind the team's newest one, for changes that were rehearsed.</summary>
    public Revision Next(
        TeamId team, RevisionKind kind, string author, IEnumerable<string> lines, AuditedChanges touched,
        Rehearsal rehearsal) => new(
            team,
            around.Roster.Revisions.Newest(team) + 1,
            kind,
            around.Now.UnixMs,
            author,
            Comment: "",
            ConfirmByUnixMs: 0,
            [.. lines],
            [.. touched.Keys],
            rehearsal.IsTooMuch ? default : [.. rehearsal.Undo]);

    /// <summary>The changes that add a revision; the oldest make room for it.</summary>
    public IEnumerable<Change> Add(Revision revision)
    {
        IReadOnlyCollection<Revision> kept = around.Roster.Revisions.Of(revision.Team);
        long count = kept.Count + 1, size = SizeOf(revision) + kept.Sum(SizeOf);
        yield return new Change.PutRevision(revision);
        foreach (Revision oldest in kept)
        {
            if (count <= Limits.RevisionsMax && size <= Limits.RevisionBytesMax) yield break;
            yield return new Change.DropRevision(oldest.Team, oldest.Number);
            count--;
            size -= SizeOf(oldest);
        }
    }

    /// <summary>A moment for people.</summary>
    public static string Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
        .ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static long SizeOf(Revision revision) => revision.Lines.Sum(line => 32L + line.Length)
        + revision.Touched.Sum(key => 32L + key.Length)
        + (revision.Undo.IsDefault ? 0 : revision.Undo.Sum(change => (long)Undo.SizeOf(change)));
}
