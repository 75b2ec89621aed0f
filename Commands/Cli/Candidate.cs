using System.Globalization;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// The working copy of <c>configure candidate</c>: statements that wait to be committed together, and the newest
/// revision that their author has seen.
/// </summary>
sealed class Candidate(ConsoleSession session)
{
    private readonly List<(string Line, Manage Statement)> _statements = [];
    private long _seen;

    /// <summary>Statements that are not committed.</summary>
    public int Count => _statements.Count;

    /// <summary>The statements as they can be typed.</summary>
    public IEnumerable<string> Lines => _statements.Select(statement => statement.Line);

    /// <summary>A new one, which has seen all that was changed until now.</summary>
    public static async Task<Candidate> BeginAsync(ConsoleSession session, CancellationToken stop)
    {
        var candidate = new Candidate(session);
        await candidate.UpdateAsync(stop);
        return candidate;
    }

    /// <summary>Keeps a statement; refuses one that no commit can have.</summary>
    public void Add(string line, ConsoleStatement.Ask ask)
    {
        var statement = new Manage(default, ask.Verb, ask.Kind, ask.Name, ask.Property, ask.Values);
        if (!statement.ChangesConfiguration)
            throw new TriggerException(ErrorCode.Usage, $"'{Visible.Escape(line)}' cannot be committed later",
                "a candidate is about workers, services, triggers and directories", $"do it at once: run {line}");
        if (Count >= Limits.CommitStatementsMax)
            throw new TriggerException(ErrorCode.TooLarge, $"{Count} statements wait already",
                $"a commit has at most {Limits.CommitStatementsMax}", "commit them first");
        _statements.Add((line, statement));
    }

    /// <summary>Whether a statement that waits makes a thing of that name.</summary>
    public bool Makes(ObjectKind kind, string name) => _statements.Exists(one => one.Statement.Name == name
        && one.Statement.Kind == kind && one.Statement.Verb == Verb.Create);

    public void Clear() => _statements.Clear();

    /// <summary>What the statements would change, as rows; refused as committing them would be.</summary>
    public Task<StatementAnswer> CheckAsync(CancellationToken stop) =>
        session.CommitAsync(id => new(id, CommitAction.Check, _seen, 0, 0, "", Statements), stop);

    /// <summary>Does all statements, or, without any, confirms what was done before.</summary>
    public async Task<string> CommitAsync(ConsoleStatement.Commit order, CancellationToken stop)
    {
        if (Count == 0 && order.ConfirmMs > 0)
            throw new TriggerException(ErrorCode.Usage, "there is nothing to commit", fix: "set something first");
        CommitAction action = Count == 0 ? CommitAction.Confirm : CommitAction.Store;
        StatementAnswer answer = await session.CommitAsync(
            id => new(id, action, _seen, 0, order.ConfirmMs, order.Comment, Statements), stop);
        Clear();
        _seen = Math.Max(_seen, RevisionIn(answer.Notice));
        return answer.Notice;
    }

    /// <summary>What going back so many changes would change, as rows.</summary>
    public async Task<StatementAnswer> CompareBackAsync(int count, CancellationToken stop)
    {
        long newest = await NewestAsync(stop);
        return await session.CommitAsync(
            id => new(id, CommitAction.CheckBack, newest, Target(newest, count), 0, "", []), stop);
    }

    /// <summary>Goes back so many changes.</summary>
    public async Task<string> BackAsync(int count, CancellationToken stop)
    {
        if (Count > 0)
            throw new TriggerException(ErrorCode.Usage, $"{Count} statements are not committed",
                "going back is a change of its own", "commit them, or forget them: rollback 0");
        long newest = await NewestAsync(stop);
        StatementAnswer answer = await session.CommitAsync(
            id => new(id, CommitAction.Back, newest, Target(newest, count), 0, "", []), stop);
        _seen = Math.Max(newest, RevisionIn(answer.Notice));
        return answer.Notice;
    }

    /// <summary>Takes what others did until now as seen.</summary>
    public async Task UpdateAsync(CancellationToken stop) => _seen = await NewestAsync(stop);

    private Manage[] Statements => [.. _statements.Select(one => one.Statement)];

    private async Task<long> NewestAsync(CancellationToken stop)
    {
        StatementAnswer revisions = await session.AskAsync(new(Verb.Show, ObjectKind.Revision, "", ""), stop);
        int column = revisions.Columns.ToList().FindIndex(one => one.Name == "revision");
        return revisions.Rows is [var newest, ..] && column >= 0 ? Number(newest[column]) : 0;
    }

    private static long Target(long newest, int count) => count <= newest ? newest - count
        : throw new TriggerException(ErrorCode.NotFound, $"there are no {count} changes to take back",
            $"there were {newest}", "see 'show commits'");

    /// <summary>The number in <c>revision 42; …</c>, with which the answer to a commit begins; 0 for none.</summary>
    private static long RevisionIn(string notice)
    {
        const string Word = "revision ";
        if (!notice.StartsWith(Word, StringComparison.Ordinal)) return 0;
        return Number(string.Concat(notice[Word.Length..].TakeWhile(char.IsAsciiDigit)));
    }

    private static long Number(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
}
