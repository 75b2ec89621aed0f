using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>Carries out the statements of <c>configure candidate</c>, and prints what comes of them.</summary>
sealed class CandidateStatements(ConsoleSession session, ConsoleOptions options, Audience audience)
{
    private Candidate? _candidate;

    /// <summary>Statements that nobody committed.</summary>
    public int Count => _candidate?.Count ?? 0;

    public async Task BeginAsync(CancellationToken stop) => _candidate = await Candidate.BeginAsync(session, stop);

    /// <summary>The mode was left.</summary>
    public void End() => _candidate = null;

    /// <summary>Whether a line is kept to be committed, and not done at once.</summary>
    public bool Keeps(ConsoleStatement statement, Scope scope, string line) => scope.IsCandidate
        && statement is ConsoleStatement.AskWithSecret
            or ConsoleStatement.Ask { Verb: not (Verb.Show or Verb.Request or Verb.Clear) }
        && !StatementParser.Spell(line, scope).StartsWith("run ", StringComparison.Ordinal);

    public void Keep(ConsoleStatement.Ask ask, string spelled)
    {
        const string Top = "top ";
        _candidate!.Add(spelled.StartsWith(Top, StringComparison.Ordinal) ? spelled[Top.Length..] : spelled, ask);
    }

    /// <summary>Whether what is to be edited will be there when all is committed.</summary>
    public bool Makes(ConsoleStatement.Ask look) => _candidate?.Makes(look.Kind, look.Name) ?? false;

    /// <summary>Does a statement of this mode; false when it is none.</summary>
    public async Task<bool> TryDoAsync(
        ConsoleStatement statement, IReadOnlyList<Filter> filters, ILines end, CancellationToken stop)
    {
        if (_candidate is not { } candidate) return false;
        switch (statement)
        {
            case ConsoleStatement.ShowCandidate:
            case ConsoleStatement.Ask { Verb: Verb.Show } when filters is [Filter.Compare, ..]:
                await ShowAsync(candidate, filters, end, stop);
                return true;
            case ConsoleStatement.Commit { Action: CommitAction.Check }:
                StatementAnswer check = await candidate.CheckAsync(stop);
                Say(check.Rows.Count == 0 ? "nothing would change" : "the check succeeds: all of it could be done now");
                return true;
            case ConsoleStatement.Commit commit:
                bool confirms = candidate.Count == 0;
                string notice = await candidate.CommitAsync(commit, stop);
                Say(confirms ? "confirmed" : "commit complete");
                Notices.Tell(audience, options.Format, notice);
                return true;
            case ConsoleStatement.Back { Count: 0 }:
                candidate.Clear();
                return true;
            case ConsoleStatement.Back back:
                Notices.Tell(audience, options.Format, await candidate.BackAsync(back.Count, stop));
                return true;
            case ConsoleStatement.Update:
                await candidate.UpdateAsync(stop);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Refuses to lose statements; asks somebody who is there.</summary>
    public bool MayLeave()
    {
        if (Count == 0 || options.IsConfirmed) return true;
        return audience.Confirm($"{Count} statements are not committed and will be forgotten. Leave?")
            ?? throw NotCommitted();
    }

    /// <summary>A script ended; what it did not commit was not done.</summary>
    public TriggerException NotCommitted() => new(ErrorCode.Usage,
        $"{Count} statements were not committed, so nothing was changed by them",
        fix: "end with 'commit', or with 'rollback 0 --yes' to forget them");

    private async Task ShowAsync(
        Candidate candidate, IReadOnlyList<Filter> filters, ILines end, CancellationToken stop)
    {
        if (filters is not [Filter.Compare compare, ..])
        {
            Print(candidate.Lines, filters, end);
            return;
        }
        StatementAnswer differences = compare.Back is { } count ? await candidate.CompareBackAsync(count, stop)
            : await candidate.CheckAsync(stop);
        IReadOnlyList<Filter> rest = [.. filters.Skip(1)];
        if (options.Format == OutputFormat.Text && rest is not [Filter.Display, ..])
            Print(DifferenceLines.Of(differences), rest, end);
        else ListingLines.Print(differences, new(options.Format, audience.Width), rest, 0, end);
    }

    private static void Print(IEnumerable<string> text, IReadOnlyList<Filter> filters, ILines end)
    {
        ILines lines = FilteredLines.Chain(filters, end);
        foreach (string line in text)
            if (!lines.Line(line)) break;
        lines.End();
    }

    private void Say(string text)
    {
        if (options.Format == OutputFormat.Text) audience.Output.WriteLine(text);
    }
}
