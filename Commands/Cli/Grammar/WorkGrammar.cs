using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements about what goes on: sessions of workers, counters.</summary>
static class WorkGrammar
{
    /// <summary>Behind <c>request workers WORKER</c>.</summary>
    public static readonly Step[] OfWorker =
    [
        Word("restart", "its session begins again: it connects anew, with what it runs", Ordered(Properties.Restart)),
        Word("shutdown", "its process ends", Ordered(Properties.Shutdown)) with
        {
            Destroys = "its process ends, and what it runs is lost",
        },
    ];

    public static readonly Step[] Roots =
    [
        Word("clear", "set counters back",
            Word("hits", "how often triggers were written to", Clear(_ => ""),
                Value(Slot.Trigger, "of one trigger", Clear(values => values[0])) with { Destroys = Counted }) with
            {
                Destroys = Counted,
            }),
    ];

    private const string Counted = "how often it was written to, and when last, is not known any more";

    private static Func<Values, ConsoleStatement> Ordered(string property) =>
        values => new ConsoleStatement.Ask(Verb.Request, ObjectKind.Worker, values[0], property);

    private static Func<Values, ConsoleStatement> Clear(Func<Values, string> name) =>
        values => new ConsoleStatement.Ask(Verb.Clear, ObjectKind.Trigger, name(values), Properties.Hits);
}
