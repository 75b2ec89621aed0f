using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Statements that begin with <c>show</c>: look, and change nothing.</summary>
static class ShowGrammar
{
    public static readonly Step Root = Word("show", "look at something",
        Word("workers|worker", "the workers and whether they are online", All(ObjectKind.Worker),
            Value(Slot.Worker, "one of them", One(ObjectKind.Worker),
                Word("token", "its whole token, for the settings of its host",
                    One(ObjectKind.Worker, Properties.Token)))),
        Word("services|service", "the services and their workers", All(ObjectKind.Service),
            Value(Slot.Service, "one of them", One(ObjectKind.Service))),
        Word("triggers|trigger", "the triggers and what they do", All(ObjectKind.Trigger),
            Value(Slot.Trigger, "one of them, or a directory", One(ObjectKind.Trigger))),
        Word("directories|directory", "the directories of the tree", All(ObjectKind.Directory),
            Value(Slot.Directory, "one of them", One(ObjectKind.Directory))),
        Word("users|user", "the users of the team", All(ObjectKind.User),
            Value(Slot.User, "one of them", One(ObjectKind.User))),
        Word("teams|team", "the teams", All(ObjectKind.Team),
            Value(Slot.Team, "one of them", One(ObjectKind.Team))),
        Word("plans|plan", "how much teams may have", All(ObjectKind.Plan)),
        Word("plugins|plugin", "what the workers that are online have to run", All(ObjectKind.Plugin),
            Value(Slot.Worker, "of one worker", One(ObjectKind.Plugin))),
        PeopleGrammar.Mailbox, PeopleGrammar.Invitations[0], PeopleGrammar.Invitations[1],
        CandidateGrammar.Commits,
        Word("sessions|session", "who is connected", All(ObjectKind.Session)),
        Word("jobs|job", "the requests that run or wait", All(ObjectKind.Job)),
        Word("queue", "messages without an answer yet, by trigger", All(ObjectKind.Queue)),
        Word("dead-letters|dead-letter", "messages that were given up, and why", All(ObjectKind.DeadLetter),
            Value(Slot.Id, "one of them", One(ObjectKind.DeadLetter))),
        Word("audit", "what was changed and refused, and by whom", All(ObjectKind.Audit),
            Value(Slot.Lines, "how many of the newest lines; 100 when not said", values =>
                new ConsoleStatement.Ask(Verb.Show, ObjectKind.Audit, "", "", values[0]))),
        FileGrammar.Configuration,
        Word("version", "the broker's version", All(ObjectKind.Version))) with
    {
        IsRelative = true,
        HasOutput = true,
        About = """
            Looks and changes nothing. A '|' passes the rows on:
              show workers | match offline | count
              show services demoservice | display json
            Tokens are shortened, but for 'show workers WORKER token'.
            """,
    };

    private static Func<Values, ConsoleStatement> All(ObjectKind kind) =>
        _ => new ConsoleStatement.Ask(Verb.Show, kind, "", "");

    private static Func<Values, ConsoleStatement> One(ObjectKind kind, string property = "") =>
        values => new ConsoleStatement.Ask(Verb.Show, kind, values[0], property);
}
