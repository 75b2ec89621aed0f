using System.Globalization;
using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>What <c>configure candidate</c> has beyond configure mode: to compare, to commit, to go back.</summary>
static class CandidateGrammar
{
    private const uint ConfirmDefaultMs = 10 * 60_000;

    /// <summary>How one gets there.</summary>
    public static readonly Step Configure = Word("configure", "go to configure mode",
        _ => new ConsoleStatement.Configure(),
        Word("candidate", "to a working copy, whose statements are committed together",
            _ => new ConsoleStatement.ConfigureCandidate()) with
        {
            About = """
                Statements are kept until 'commit', which does all of them or none. What others change meanwhile
                is never written over unseen.
                  configure candidate
                  set services web timeout 10s
                  show | compare
                  commit confirmed 5 comment "shorter"
                  commit
                'commit confirmed' takes everything back by itself unless 'commit' follows in time, also when the
                broker or the network was away.
                """,
        });

    /// <summary>Behind <c>show</c> in every mode.</summary>
    public static readonly Step Commits = Word("commits|commit", "the changes of the configuration, the newest first",
        _ => new ConsoleStatement.Ask(Verb.Show, ObjectKind.Revision, "", ""),
        Value(Slot.Revision, "one of them, by its revision", values =>
            new ConsoleStatement.Ask(Verb.Show, ObjectKind.Revision, values[0], "")));

    private static readonly Step Comment = Word("comment", "say why",
        Value(Slot.Text, "in quotes when it has blanks", Commit(comment: 0)));

    private static readonly Step Pipes = PipeGrammar.Root with
    {
        Next =
        [
            Word("compare", "show what would change", _ => new ConsoleStatement.Pipe(new Filter.Compare(null)),
                Word("rollback", "what going back would change", Value(Slot.Back, "how many changes back", values =>
                    new ConsoleStatement.Pipe(new Filter.Compare(Number(values[0])))))),
            .. PipeGrammar.Root.Next,
        ],
    };

    public static readonly Step[] Roots =
    [
        Word("commit", "do all statements together, or confirm what was done", Commit(),
            Word("check", "say whether they could be done now", _ =>
                new ConsoleStatement.Commit(CommitAction.Check)),
            Comment,
            Word("confirmed", "take them back by itself unless 'commit' follows in 10 minutes",
                Commit(confirmMs: ConfirmDefaultMs),
                Value(Slot.Confirm, "or in so many minutes, or in a time such as 90s", Commit(confirm: 0),
                    Word("comment", "say why",
                        Value(Slot.Text, "in quotes when it has blanks", Commit(comment: 1, confirm: 0)))))),
        Word("rollback", "go back to how it was",
            Value(Slot.Back, "how many changes back, see 'show commits'; 0 forgets what is not committed", values =>
                new ConsoleStatement.Back(Number(values[0]))) with
            {
                Destroys = "what was changed since is taken back",
            }),
        Word("update", "say that you have seen what others changed meanwhile", _ => new ConsoleStatement.Update()),
    ];

    /// <summary>The <c>show</c> of a candidate: alone, it shows the statements that wait.</summary>
    public static Step Show(Step show) => show with
    {
        Means = _ => new ConsoleStatement.ShowCandidate(),
        Pipes = Pipes,
    };

    private static Func<Values, ConsoleStatement> Commit(
        int? comment = null, int? confirm = null, uint confirmMs = 0) => values => new ConsoleStatement.Commit(
            CommitAction.Store,
            comment is { } at ? values[at] : "",
            confirm is { } where ? uint.Parse(values[where], CultureInfo.InvariantCulture) : confirmMs);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
