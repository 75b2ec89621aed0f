namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>The whole grammar of the console, as one tree.</summary>
static class ConsoleGrammar
{
    /// <summary>What a line may begin with.</summary>
    public static readonly Step Root = new()
    {
        Words = [],
        Help = "",
        Next =
        [
            SetGrammar.Root,
            ShowGrammar.Root,
            .. ChangeGrammar.Roots,
            Step.Word("configure", "go to configure mode", _ => new ConsoleStatement.Configure()),
            Step.Word("exit|quit", "leave the mode, or the console", _ => new ConsoleStatement.Exit()),
            Step.Word("help", "explain the statements", _ => new ConsoleStatement.Help([]),
                Step.ValueList(Slot.Text, "the words to explain", Explain)),
        ],
    };

    private static ConsoleStatement.Help Explain(Values words) =>
        new([.. words.From(0).Select(word => new Token(word, 0, IsQuoted: false))]);
}
