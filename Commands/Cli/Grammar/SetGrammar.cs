using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements that begin with <c>set</c>: make a thing, or change one property of it.</summary>
static class SetGrammar
{
    public static readonly Step Root = Word("set", "make or change something",
        Workers(), Services(), Triggers(), Teams(), PeopleGrammar.Users) with
    {
        IsRelative = true,
        About = """
            Takes effect at once, and is on the broker's disk when it is answered.
              set workers identity demo01
              set services name demoservice
              set services demoservice workers add demo01 demo02
              set trigger name /newtrigger/demotrigger
            """,
    };

    private static Step Workers() => Word("workers|worker", "programs on servers that run plugins",
        Word("identity", "make a worker",
            Value(Slot.NewWorker, "its name, which is also a service of one", Create(ObjectKind.Worker))),
        Value(Slot.Worker, "a worker",
            Described(ObjectKind.Worker)));

    private static Step Services() => Word("services|service", "workers under one name",
        Word("name", "make a service",
            Value(Slot.NewService, "its name", Create(ObjectKind.Service))),
        Value(Slot.Service, "a service",
        [
            Word("workers|worker", "the workers that serve it",
                Word("add", "attach workers, behind those that are attached",
                    ValueList(Slot.Worker, "a worker", Change(Verb.Add, Properties.Workers))),
                Word("remove", "detach workers",
                    ValueList(Slot.Worker, "a worker", Change(Verb.Remove, Properties.Workers)))),
            Word("keep", "streams that run whether somebody listens or not",
                Word("add", "begin one as soon as a worker is online, and again whenever it ends",
                    Stream(Change(Verb.Add, Properties.Keep))),
                Word("remove", "let it end when nobody listens",
                    Stream(Change(Verb.Remove, Properties.Keep)))) with
            {
                About = """
                    A plugin whose manifest says "stream": true runs while somebody listens to it. One that is kept
                    runs always: on one worker of the service, on the next when that is lost, and again when it
                    ends, after 1 s, then later each time up to 60 s. Arguments are part of which stream it is.
                      set services demoservice keep add file/stream path=/var/log/syslog follow=true
                    """,
            },
            Word("algorithm", "how requests are handed to its workers",
                Fixed(ObjectKind.Service, Properties.Algorithm, "roundrobin", "to one worker, the next in turn"),
                Fixed(ObjectKind.Service, Properties.Algorithm, "serial", "to every worker, one after another"),
                Fixed(ObjectKind.Service, Properties.Algorithm, "mirror", "to every worker at once")) with
            {
                About = """
                    roundrobin  one worker, the next in turn. If it is lost before it started, the next one
                                takes over.
                    serial      every worker, in the order in which they were attached, each after the one
                                before has finished; see 'on-failure'.
                    mirror      every worker at once. The sender has an answer from each.
                    Requests that run already are not touched by a change.
                    """,
            },
            Word("timeout", "how long a request may take that names no time",
                Value(Slot.Duration, "such as 10s or 1h30m", Set(ObjectKind.Service, Properties.Timeout))),
            Word("retry", "how often a lost or failed run is started again",
                Value(Slot.Number, "0 for never", Set(ObjectKind.Service, Properties.Retry))),
            Word("on-failure", "what a serial request does when a worker fails",
                Fixed(ObjectKind.Service, Properties.OnFailure, "continue", "the next worker has its turn"),
                Fixed(ObjectKind.Service, Properties.OnFailure, "stop", "the request ends")),
            Visible(ObjectKind.Service),
            Word("rate", "how often each user of another team may call it when it is public",
                Value(Slot.Rate, "such as 10/s, 60/m or 1000/h; none for no limit",
                    Set(ObjectKind.Service, Properties.Rate))),
            .. DeliveryGrammar.Set(ObjectKind.Service),
            Described(ObjectKind.Service),
        ]));

    /// <summary>A plugin and its arguments.</summary>
    public static Step Stream(Func<Values, ConsoleStatement> means) => Value(Slot.Plugin, "such as file/stream", means,
        ValueList(Slot.Argument, "an argument", means));

    private static Step Triggers() => Word("triggers|trigger", "files that send what is written to them",
        Word("name", "make a trigger",
            Value(Slot.NewPath, "its path, in a directory that is there", Create(ObjectKind.Trigger))),
        Value(Slot.Trigger, "a trigger by its path, or by its name where that is unique",
        [
            Word("plugin", "what runs on the worker",
                Value(Slot.Plugin, "such as command/command", Set(ObjectKind.Trigger, Properties.Plugin))),
            Word("service", "where its messages go",
                Word("attach", "send to a service",
                    Value(Slot.Service, "a service", Trigger(Verb.Add))),
                Word("detach", "send no more to a service",
                    Value(Slot.Service, "a service", Trigger(Verb.Remove)))),
            Word("timeout", "how long a message may take",
                Value(Slot.Duration, "such as 10s; 0s for the service's", Set(ObjectKind.Trigger, Properties.Timeout))),
            Word("retry", "how often a lost or failed run is started again",
                Value(Slot.Number, "0 for the service's", Set(ObjectKind.Trigger, Properties.Retry))),
            Word("message", "what one message is",
                Fixed(ObjectKind.Trigger, Properties.Message, "write", "each write"),
                Fixed(ObjectKind.Trigger, Properties.Message, "line", "each line"),
                Fixed(ObjectKind.Trigger, Properties.Message, "close", "all between open and close")),
            Word("mode", "whether a write waits for the answer",
                Fixed(ObjectKind.Trigger, Properties.Mode, "async", "it does not"),
                Fixed(ObjectKind.Trigger, Properties.Mode, "sync", "it does, and a failure is an error of the write")),
            Word("limit", "how many bytes one message may have",
                Value(Slot.Size, "such as 64KiB or 16MiB", Set(ObjectKind.Trigger, Properties.Limit))),
            Visible(ObjectKind.Trigger),
            .. DeliveryGrammar.Set(ObjectKind.Trigger),
            Described(ObjectKind.Trigger),
        ]));

    private static Step Teams() => Word("teams|team", "teams",
        PeopleGrammar.FoundTeam,
        Value(Slot.Team, "go to this team", PeopleGrammar.GoTo,
            Word("plan", "how much it may have: for operators of the broker",
                Value(Slot.Plan, "see 'show plans'", Set(ObjectKind.Team, Properties.Plan)))));

    private static Step Visible(ObjectKind kind) => Word("visibility", "who may use it",
        Fixed(kind, Properties.Visibility, "local", "its owner, and the admins"),
        Fixed(kind, Properties.Visibility, "team", "everybody in the team"),
        Fixed(kind, Properties.Visibility, "public", "every user of the broker"));

    private static Step Described(ObjectKind kind) => Word("description", "a text for people",
        Value(Slot.Text, "in quotes when it has blanks", Set(kind, Properties.Description)));

    private static Step Fixed(ObjectKind kind, string property, string value, string help) =>
        Word(value, help, values => new ConsoleStatement.Ask(Verb.Set, kind, values[0], property, value));

    private static Func<Values, ConsoleStatement> Create(ObjectKind kind) =>
        values => new ConsoleStatement.Ask(Verb.Create, kind, values[0], "");

    private static Func<Values, ConsoleStatement> Set(ObjectKind kind, string property) =>
        values => new ConsoleStatement.Ask(Verb.Set, kind, values[0], property, values[1]);

    private static Func<Values, ConsoleStatement> Change(Verb verb, string property) =>
        values => new ConsoleStatement.Ask(verb, ObjectKind.Service, values[0], property, values.From(1));

    private static Func<Values, ConsoleStatement> Trigger(Verb verb) =>
        values => new ConsoleStatement.Ask(verb, ObjectKind.Trigger, values[0], Properties.Service, values[1]);
}
