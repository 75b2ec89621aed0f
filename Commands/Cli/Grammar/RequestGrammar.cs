using System.Globalization;
using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements that begin with <c>request</c>: something is to happen now.</summary>
static class RequestGrammar
{
    private const string DefaultPlugin = "command/command";

    public static readonly Step Root = Word("request", "have something done now",
        Word("services|service", "run a plugin on a service",
            Value(Slot.Target, "a service of the team, or team/service", Runs())),
        Word("workers|worker", "run a plugin on one worker, end its session, or change its token",
            Value(Slot.Worker, "a worker", [.. Runs(), .. WorkGrammar.OfWorker, RotateToken])),
        Word("dead-letter|dead-letters", "messages that were given up",
            Word("triggers|trigger", "all of a trigger",
                Value(Slot.Trigger, "a trigger", AllDead(ObjectKind.Trigger))),
            Word("services|service", "all requests for later of a service",
                Value(Slot.Service, "a service", AllDead(ObjectKind.Service))),
            Value(Slot.Id, "its number (show dead-letters)",
                Word("retry", "send it again", values => Asked(ObjectKind.DeadLetter, values[0], Properties.Retry),
                    Value(Slot.Path, "another trigger to send it to", values => new ConsoleStatement.Ask(
                        Verb.Request, ObjectKind.DeadLetter, values[0], Properties.Retry, values[1]))),
                Word("edit", "change it in your editor, and send it again",
                    values => new ConsoleStatement.EditLetter(values[0]),
                    Word("payload", "without an editor", Rest(Slot.Command, "what is sent instead",
                        values => new ConsoleStatement.Ask(
                            Verb.Request, ObjectKind.DeadLetter, values[0], Properties.Edit, values[1])))),
                Word("drop", "forget it", values => Asked(ObjectKind.DeadLetter, values[0], Properties.Drop)) with
                {
                    Destroys = "the message is gone",
                })),
        Word("queue", "messages without an answer yet",
            DropOf(ObjectKind.Queue, Slot.Trigger, "a trigger"),
            Word("services|service", "requests for later of a service",
                DropOf(ObjectKind.Service, Slot.Service, "a service"))),
        PeopleGrammar.Invite[0], PeopleGrammar.Invite[1], PeopleGrammar.Broker) with
    {
        HasOutput = true,
        About = """
            The output is shown while it comes; Ctrl-C ends the command on its workers.
            'command' takes the rest of the line as it is typed; a '|' that is for the worker's shell needs
            quotes around the command:
              request services demoservice command uptime
              request services demoservice timeout 10s command 'ps aux | grep nginx'
              request workers demo01 plugin echo command hello
            Dead letters are files of a mount, too: mv .triggerfs/failed/42/request onto a trigger sends one
            there, rm -r .triggerfs/failed/42 forgets it.
            A worker puts its new token into its settings by itself where that is safe: the file has the old one
            once and nobody else can read it. Else it says so in its log, and the old one stays good.
            """,
    };

    private static Step RotateToken => Word("rotate-token", "another token; both are good until it keeps the new one",
        values => Asked(ObjectKind.Worker, values[0], Properties.RotateToken),
        Word("now", "the old one was stolen: it is good no longer, and the worker needs the new one by hand",
            values => Asked(ObjectKind.Worker, values[0], Properties.ReplaceToken)) with
        {
            Destroys = "its session ends, and it is not there until somebody puts the new token into its settings",
        });

    private static Step DropOf(ObjectKind kind, Slot slot, string help) => Value(slot, help,
        Word("drop", "forget those that wait; what a worker has goes on",
            values => Asked(kind, values[0], Properties.Drop)) with
        {
            Destroys = "messages that wait are gone, and are not carried out",
        });

    private static Step[] AllDead(ObjectKind kind) =>
    [
        Word("retry", "send them again", values => Asked(kind, values[0], Properties.RetryDead)),
        Word("drop", "forget them", values => Asked(kind, values[0], Properties.DropDead)) with
        {
            Destroys = "the messages are gone",
        },
    ];

    private static ConsoleStatement.Ask Asked(ObjectKind kind, string name, string property) =>
        new(Verb.Request, kind, name, property);

    /// <summary>Words behind the name: an optional time, an optional plugin, the command.</summary>
    private static Step[] Runs() =>
    [
        Command(timeout: null, plugin: null),
        Plugin(timeout: null, at: 1),
        Word("timeout", "how long it may take", Value(Slot.Duration, "such as 10s; the service's without it",
            Command(timeout: 1, plugin: null), Plugin(timeout: 1, at: 2))),
    ];

    private static Step Plugin(int? timeout, int at) => Word("plugin", $"what runs there; {DefaultPlugin} without it",
        Value(Slot.Plugin, "such as command/command", Command(timeout, at)));

    private static Step Command(int? timeout, int? plugin) => Word("command", "what the plugin is sent",
        Rest(Slot.Command, "the plugin is sent the rest of the line", values => new ConsoleStatement.Request(
            values[0],
            plugin is { } at ? values[at] : DefaultPlugin,
            timeout is { } where ? uint.Parse(values[where], CultureInfo.InvariantCulture) : 0,
            values[values.Count - 1])));
}
