using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>What is said of users, wherever it stands in the grammar.</summary>
static class PeopleGrammar
{
    private static readonly (string Word, string Help)[] Roles =
    [
        ("admin", "may do everything in the team"),
        ("member", "makes things, and uses what the team may see"),
        ("observer", "looks, and changes nothing"),
    ];

    /// <summary>Behind <c>set</c>.</summary>
    public static readonly Step Users = Word("users|user", "the people of the team",
        Word("identity", "make a user, whose secret is asked for",
            Value(Slot.NewUser, "what the user signs in as; a member when no role is said",
                values => Make(values, "member"),
                Word("role", "what the user may do here",
                    Each(role => values => Make(values, role))))),
        Value(Slot.User, "a user of the team",
            Word("secret", "another secret, which is asked for", values => new ConsoleStatement.AskWithSecret(
                new(Verb.Set, ObjectKind.User, values[0], Properties.Secret))),
            Word("role", "what the user may do here; the user's sessions end",
                Each(role => Set(Properties.Role, role))),
            Word("disabled", "shut the user out of this team, or let him in again", Set(Properties.Disabled, "true"),
                Word("true", "shut the user out; what he owns stays", Set(Properties.Disabled, "true")),
                Word("false", "let the user in again", Set(Properties.Disabled, "false"))))) with
    {
        About = """
            A secret is asked for twice and not shown; a script reads it from a file or from standard input:
            'triggerfs cli --secret-file FILE', or '-'. It is in no history and in no list of processes.
            Whoever changes his own is asked for the one before it, unless that is in his settings.
              set users identity alice role member
              set users alice secret
              set users alice disabled
            """,
    };

    /// <summary>Behind <c>delete</c>.</summary>
    public static readonly Step DeleteUsers = Word("users|user", "a user, out of the team",
        Value(Slot.User, "refused while the user owns something", Delete(_ => []),
            Word("heir", "give what the user owns to somebody",
                Value(Slot.User, "another user of the team", Delete(values => [values[1]])) with
                {
                    Destroys = Gone,
                }),
            Word("disabled", "let the user in again", Set(Properties.Disabled, "false"))) with
        {
            Destroys = Gone,
        });

    /// <summary>A line of its own.</summary>
    public static readonly Step Team = Word("team", "go to another team that you are in",
        Value(Slot.Team, "a team (show teams)", GoTo));

    /// <summary>Behind <c>set teams</c>.</summary>
    public static readonly Step FoundTeam = Word("name", "make a team, whose admin you are",
        Value(Slot.NewTeam, "its name, which no other team has",
            values => new ConsoleStatement.Ask(Verb.Create, ObjectKind.Team, values[0], "")));

    /// <summary>Behind <c>show</c>.</summary>
    public static readonly Step Mailbox = Word("mailbox", "your letters, which are read by it",
        _ => new ConsoleStatement.Ask(Verb.Show, ObjectKind.Mailbox, "", ""),
        Value(Slot.Id, "one of them",
            values => new ConsoleStatement.Ask(Verb.Show, ObjectKind.Mailbox, values[0], "")));

    /// <summary>Behind <c>delete</c>.</summary>
    public static readonly Step DeleteLetters = Word("mailbox", "letters",
        Word("all", "all of them", _ => new ConsoleStatement.Ask(Verb.Delete, ObjectKind.Mailbox, "all", "")),
        Value(Slot.Id, "one of them",
            values => new ConsoleStatement.Ask(Verb.Delete, ObjectKind.Mailbox, values[0], "")));

    /// <summary>Behind <c>show</c>.</summary>
    public static readonly Step[] Invitations =
    [
        Word("invitations|invitation", "those to you, and those that your team sent",
            _ => new ConsoleStatement.Ask(Verb.Show, ObjectKind.Invitation, "", "")),
        Word("signups|signup", "for admins: who may make an account, with which activation code",
            _ => new ConsoleStatement.Ask(Verb.Show, ObjectKind.Signup, "", "")),
    ];

    /// <summary>Behind <c>request</c>.</summary>
    public static readonly Step[] Invite =
    [
        Word("team|teams", "who is in the team",
            Word("invite", "offer somebody a place here; an e-mail address gets an activation code",
                Value(Slot.Invited, "an identity or an e-mail address", values => OfTeam(values[0], "member"),
                    Word("role", "what the user may do here; a member when it is not said",
                        Each(role => values => OfTeam(values[0], role))))),
            Word("leave", "leave the team of the session", _ => Leave(), Word("heir", "give what you own to somebody",
                Value(Slot.User, "another user of the team", values => Leave(values[0])) with { Destroys = Left })) with
            {
                Destroys = Left,
            }),
        Word("invitation|invitations", "answer an invitation, or take one back",
            Value(Slot.Invitation, "its number (show invitations), or the activation code that came by mail",
                Word("accept", "come into the team", values => Answer(values[0], Properties.Accept)),
                Word("decline", "do not", values => Answer(values[0], Properties.Decline)),
                Word("withdraw", "take back what your team sent",
                    values => new ConsoleStatement.Ask(
                        Verb.Request, ObjectKind.Invitation, values[0], Properties.Withdraw)))),
    ];

    /// <summary>Behind <c>request</c>.</summary>
    public static readonly Step Broker = Word("broker", "for operators of the broker: tell everybody, shut down",
        Word("announce", "put a letter into everybody's mailbox",
            Value(Slot.Text, "in quotes when it has blanks", values => OfBroker(Properties.Announce, values[0]))),
        Word("shutdown", "end the broker; workers, mounts and clients are told, and come back when it is up again",
            Word("now", "at once", _ => OfBroker(Properties.Shutdown, "0")) with { Destroys = Down },
            Word("in", "in a while; everybody has it in the mailbox",
                Value(Slot.Duration, "such as 10m", values => OfBroker(Properties.Shutdown, values[0])) with
                {
                    Destroys = Down,
                }),
            Word("cancel", "not after all", _ => OfBroker(Properties.Shutdown, "cancel"))));

    private const string Down = "what runs goes on at the workers, and nothing new is taken until it is up again";

    private const string Left = "your sessions in this team end";

    private const string Gone = "the user's sessions end; an account goes with its last team";

    private static Step[] Each(Func<string, Func<Values, ConsoleStatement>> means) =>
        [.. Roles.Select(role => Word(role.Word, role.Help, means(role.Word)))];

    private static ConsoleStatement Make(Values values, string role) => new ConsoleStatement.AskWithSecret(
        new(Verb.Create, ObjectKind.User, values[0], "", role));

    private static Func<Values, ConsoleStatement> Set(string property, string value) =>
        values => new ConsoleStatement.Ask(Verb.Set, ObjectKind.User, values[0], property, value);

    public static ConsoleStatement GoTo(Values values) => new ConsoleStatement.GoTo(values[0]);

    private static ConsoleStatement.Ask OfTeam(string who, string role) =>
        new(Verb.Request, ObjectKind.Team, "", Properties.Invite, who, role);

    private static ConsoleStatement.Ask Leave(params string[] heir) =>
        new(Verb.Request, ObjectKind.Team, "", Properties.Leave, heir);

    /// <summary>A code is a value, which nobody writes down; a number is a name.</summary>
    private static ConsoleStatement.Ask Answer(string which, string property) => which.All(char.IsAsciiDigit)
        ? new(Verb.Request, ObjectKind.Invitation, which, property)
        : new(Verb.Request, ObjectKind.Invitation, "", property, which);

    private static ConsoleStatement.Ask OfBroker(string property, string value) =>
        new(Verb.Request, ObjectKind.Broker, "", property, value);

    private static Func<Values, ConsoleStatement> Delete(Func<Values, string[]> heir) =>
        values => new ConsoleStatement.Ask(Verb.Delete, ObjectKind.User, values[0], "", heir(values));
}
