using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>
/// The whole grammar of the console: a tree for each mode. What changes things is understood in both, so that a script
/// needs no modes.
/// </summary>
static class ConsoleGrammar
{
    private static readonly Step[] Everywhere =
    [
        ShowGrammar.Root, SetGrammar.Root, .. ChangeGrammar.Roots, RequestGrammar.Root, .. WorkGrammar.Roots,
        .. FileGrammar.Roots, PeopleGrammar.Team,
    ];

    /// <summary>What a line may begin with in a new console.</summary>
    public static readonly Step Operation = Root(
        [.. Everywhere, CandidateGrammar.Configure]);

    /// <summary>What a line may begin with in configure mode.</summary>
    public static readonly Step Configuration = Root([.. Everywhere, .. ConfigureGrammar.Roots(Operation)]);

    /// <summary>What a line may begin with in configure candidate.</summary>
    public static readonly Step Candidate = Root(
    [
        .. Everywhere.Select(verb => verb == ShowGrammar.Root ? CandidateGrammar.Show(verb) : verb),
        .. ConfigureGrammar.Roots(Operation), .. CandidateGrammar.Roots,
    ]);

    private static Step Root(Step[] verbs) => new()
    {
        Words = [],
        Help = "",
        Next =
        [
            .. verbs,
            Word("help", "explain the statements", _ => new ConsoleStatement.Help(""),
                Rest(Slot.Command, "the statement to explain", words => new ConsoleStatement.Help(words[0]))) with
            {
                HasOutput = true,
            },
            Word("exit|quit", "leave the place, the mode, or the console", _ => new ConsoleStatement.Exit()),
        ],
    };
}
