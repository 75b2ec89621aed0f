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
        Word("monitor", "watch what happens, as it happens",
            Word("workers|worker", "workers that come and go", Monitored(ObjectKind.Worker),
                Value(Slot.Worker, "one of them", MonitoredOne(ObjectKind.Worker))),
            Word("requests|request", "requests that pass: your own, or as an admin the team's",
                Monitored(ObjectKind.Job),
                Value(Slot.Service, "those to one service", MonitoredOne(ObjectKind.Job))),
            Word("services|service", "what a service answers, whoever asked",
                Value(Slot.Service, "a service of yours", MonitoredOne(ObjectKind.Service)))) with
        {
            HasOutput = true,
            About = """
                Goes on until Ctrl-C. What comes faster than it can be shown is left out, and counted in a line
                that says 'lost'; nothing that runs is slowed down by being watched.
                  monitor workers
                  monitor requests | match refused
                  monitor services demoservice | save seen.txt
                """,
        },
        Word("clear", "set counters back",
            Word("hits", "how often triggers were written to", Clear(_ => ""),
                Value(Slot.Trigger, "of one trigger", Clear(values => values[0])) with { Destroys = Counted }) with
            {
                Destroys = Counted,
            }),
    ];

    private const string Counted = "how often it was written to, and when last, is not known any more";

    private static Func<Values, ConsoleStatement> Monitored(ObjectKind kind) =>
        _ => new ConsoleStatement.Monitor(kind, "");

    private static Func<Values, ConsoleStatement> MonitoredOne(ObjectKind kind) =>
        values => new ConsoleStatement.Monitor(kind, values[0]);

    private static Func<Values, ConsoleStatement> Ordered(string property) =>
        values => new ConsoleStatement.Ask(Verb.Request, ObjectKind.Worker, values[0], property);

    private static Func<Values, ConsoleStatement> Clear(Func<Values, string> name) =>
        values => new ConsoleStatement.Ask(Verb.Clear, ObjectKind.Trigger, name(values), Properties.Hits);
}
