using System.Globalization;
using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>What configure mode has beyond the other one: the edit path, and a way out of it.</summary>
static class ConfigureGrammar
{
    /// <param name="operation">The grammar of the mode outside, for <c>run</c>.</param>
    public static Step[] Roots(Step operation) =>
    [
        Edit,
        Word("up", "go one word of the edit path up", _ => new ConsoleStatement.Up(1),
            Value(Slot.Count, "or so many", values =>
                new ConsoleStatement.Up(int.Parse(values[0], CultureInfo.InvariantCulture)))),
        Word("top", "go to the top, or do one statement from there", _ => new ConsoleStatement.Top(),
            [.. operation.Next.Where(verb => verb.IsRelative)]),
        Word("run", "do a statement as outside of configure mode", [.. operation.Next]),
    ];

    private static readonly Step Edit = Word("edit", "work on one thing without naming it in each statement",
        Level("workers|worker", "the workers", Slot.Worker, ObjectKind.Worker),
        Level("services|service", "the services", Slot.Service, ObjectKind.Service),
        Level("triggers|trigger", "the triggers", Slot.Trigger, ObjectKind.Trigger)) with
    {
        IsRelative = true,
        About = """
            Behind 'edit services demoservice', 'set algorithm mirror' means
            'set services demoservice algorithm mirror', and 'show' alone shows the service.
            set, delete, show, rename, copy and annotate begin at the edit path; 'top STATEMENT' and
            'run STATEMENT' do not. 'up' and 'exit' leave it.
            """,
    };

    private static Step Level(string words, string help, Slot slot, ObjectKind kind)
    {
        var all = new PathElement(words.Split('|')[0], IsName: false);
        return Word(words, help, _ => new ConsoleStatement.Edit([all], null),
            Value(slot, "one of them", values => new ConsoleStatement.Edit(
                [all, new(values[0], IsName: true)], new(Verb.Show, kind, values[0], ""))));
    }
}
