using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>
/// Decides commits: statements that are done together or not at all, each seeing what those before it would do, and
/// none of them over what others did unseen.
/// </summary>
sealed class Commits
{
    /// <summary>Characters of the notices of all statements in one answer.</summary>
    private const int NoticeMax = 16 * 1024;

    private readonly Surroundings _around;
    private readonly Registrar _registrar;

    public Commits(Surroundings around, Registrar registrar)
    {
        _around = around;
        _registrar = registrar;
        Book = new(around);
        Back = new(around, Book);
    }

    /// <summary>Where each change has its revision.</summary>
    public RevisionBook Book { get; }

    /// <summary>The way back.</summary>
    public GoingBack Back { get; }

    private Roster Roster => _around.Roster;

    public Decision Decide(Actor actor, Commit asked)
    {
        long newest = Roster.Revisions.Newest(actor.Team);
        if (asked.Base > newest)
            throw new TriggerException(ErrorCode.Invalid, $"there is no revision {asked.Base} yet",
                $"the newest one is {newest}", "leave configure candidate, and begin again");
        return asked.Action switch
        {
            CommitAction.Check or CommitAction.Store => Together(actor, asked),
            CommitAction.Confirm => Confirm(actor),
            _ => Back.Decide(actor, asked),
        };
    }

    /// <summary>A commit for people.</summary>
    public static string Describe(Commit asked) => asked.Action switch
    {
        CommitAction.Back or CommitAction.CheckBack => $"go back to revision {asked.Target}",
        CommitAction.Confirm => "confirm the newest revision",
        CommitAction.Check => $"check {asked.Statements.Count} statements",
        _ => $"commit {asked.Statements.Count} statements" + (asked.Comment.Length > 0 ? $": {asked.Comment}" : ""),
    };

    private Decision Together(Actor actor, Commit asked)
    {
        if (asked.ConfirmMs > Limits.ConfirmMax.TotalMilliseconds)
            throw new TriggerException(ErrorCode.TooLarge, "the time to confirm is too long",
                $"at most {Limits.ConfirmMax.TotalHours:0} hours are allowed");
        Revision[] unseen = Unseen(actor.Team, asked.Base);
        List<string> notices = [];
        var rehearsal = new Rehearsal(Roster);
        using (rehearsal) Rehearse(rehearsal, actor, asked, unseen, notices);
        var touched = new AuditedChanges(Roster, rehearsal.Changes);
        if (!touched.Keys.Any()) return asked.Action == CommitAction.Check
            ? Decision.Show(DifferenceTable.Of(touched)) : Decision.Store("there is nothing to change");
        Conflicts.Check(unseen, touched);
        if (asked.Action == CommitAction.Check) return Decision.Show(DifferenceTable.Of(touched));
        Book.CheckFree(actor.Team);
        var lines = asked.Statements.Select(statement => AuditText.Clean(Registrar.Describe(statement)));
        string author = Roster.NameOf(actor.User);
        Revision revision = Book.Next(actor.Team, RevisionKind.Commit, author, lines, touched, rehearsal) with
        {
            Comment = Values.Description(asked.Comment),
            ConfirmByUnixMs = asked.ConfirmMs == 0 ? 0 : _around.Now.UnixMs + asked.ConfirmMs,
        };
        return Decision.Store(Notice(revision, notices), [.. rehearsal.Changes, .. Book.Add(revision)]);
    }

    private void Rehearse(
        Rehearsal rehearsal, Actor actor, Commit asked, Revision[] unseen, List<string> notices)
    {
        for (int i = 0; i < asked.Statements.Count; i++)
        {
            Manage statement = asked.Statements[i];
            try
            {
                if (!statement.ChangesConfiguration) throw NotOfConfiguration(statement);
                Decision decision = _registrar.Decide(actor, statement, _around.Now);
                if (!decision.Changes.All(IsOfConfiguration)) throw NotOfConfiguration(statement);
                rehearsal.Apply(decision.Changes);
                if (decision.Notice.Length > 0) notices.Add(decision.Notice);
            }
            catch (TriggerException problem)
            {
                throw At(i + 1, asked, problem, unseen);
            }
            if (rehearsal.IsTooMuch)
                throw new TriggerException(ErrorCode.TooLarge, "this is too much for one commit",
                    $"what takes it back is over {Limits.RevisionBytesMax >> 20} MiB", "commit it in several parts");
        }
    }

    private Decision Confirm(Actor actor)
    {
        if (Roster.Revisions.UnconfirmedOf(actor.Team) is not { } waiting)
            throw new TriggerException(ErrorCode.NotFound, "there is nothing to confirm",
                "no revision waits for it; it may have been taken back", "triggerfs cli -c 'show commits'");
        bool isOwn = waiting.Author == Roster.NameOf(actor.User);
        if (!isOwn && !Permissions.Allow(Roster, actor, Deed.Lead))
            throw new TriggerException(ErrorCode.NotAllowed, $"revision {waiting.Number} is not yours to confirm",
                $"it is {waiting.Author}'s", "its author and the team's admins may confirm it");
        return Decision.Store($"revision {waiting.Number} stands",
            new Change.PutRevision(waiting with { ConfirmByUnixMs = 0 }));
    }

    /// <summary>The revisions behind one; refuses when some of them are not kept any longer.</summary>
    private Revision[] Unseen(TeamId team, long seen)
    {
        IReadOnlyCollection<Revision> kept = Roster.Revisions.Of(team);
        if (kept.FirstOrDefault() is { } oldest && seen < oldest.Number - 1)
            throw new TriggerException(ErrorCode.Conflict, "there were too many changes since to compare with",
                $"you have seen revision {seen}; they are kept from {oldest.Number} on",
                "look with 'show | compare'; 'update' says that you have seen them");
        return [.. kept.Where(revision => revision.Number > seen)];
    }

    private bool IsOfConfiguration(Change change) =>
        change is Change.TouchDirectory || Undo.TeamOf(Roster, change) is not null;

    private static TriggerException NotOfConfiguration(Manage statement) => new(ErrorCode.Invalid,
        "it is not a change of the configuration", "workers, services, triggers and directories are changed by commits",
        $"do it by itself, outside of configure candidate: {Registrar.Describe(statement)}");

    /// <summary>The refusal of one statement is that of all, and says which it was.</summary>
    private static TriggerException At(int number, Commit asked, TriggerException problem, Revision[] unseen)
    {
        string meanwhile = unseen.Length == 0 ? ""
            : $"meanwhile there was {Conflicts.Tell(unseen[^1])}";
        string line = AuditText.Clean(Registrar.Describe(asked.Statements[number - 1]));
        string why = string.Join("; ", new[] { problem.Why ?? "", meanwhile }.Where(text => text.Length > 0));
        return new(problem.Code,
            $"statement {number} of {asked.Statements.Count} ({line}): {problem.Message}; nothing was changed",
            why, problem.Fix, problem);
    }

    private static string Notice(Revision revision, List<string> notices)
    {
        string head = $"revision {revision.Number}" + (revision.ConfirmByUnixMs == 0 ? ""
            : $"; it is taken back at {RevisionBook.Time(revision.ConfirmByUnixMs)} unless it is confirmed: commit");
        int size = 0;
        string[] told = [.. notices.TakeWhile(notice => (size += notice.Length + 1) <= NoticeMax)];
        string more = told.Length == notices.Count ? "" : $"\nand {notices.Count - told.Length} notices more";
        return string.Join('\n', [head, .. told]) + more;
    }
}
