using TriggerFs.Broker.Access;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker;

namespace TriggerFs.Tests.Commands.Cli;

/// <summary>
/// The statements of the grammar as data: each line that the tree allows, written with the names of its slots, and the
/// two teams with which they are tried.
/// </summary>
static class StatementMatrix
{
    private const string Token = "9b1bd278-e645-4eec-bffb-0587ad84534e";

    private static readonly UserId Root = new(9);
    private static readonly TeamId Common = new(10);
    private static readonly string[] People = ["hp", "alice", "bob", "eve", "mallory"];
    private static readonly TokenSeal Seal = new(new byte[TokenSeal.KeySize]);

    /// <summary>
    /// Whose things a statement names: those of the team's admin <c>hp</c> (local), of its member <c>alice</c> (local),
    /// those of the admin that the team may see, and those of <c>mallory</c>, the admin of the other team.
    /// </summary>
    public static readonly string[] Owners = ["hp", "alice", "team", "mallory"];

    /// <summary>Every form of a line, with the steps that it goes along.</summary>
    public static IEnumerable<(string Form, Step[] Path)> Forms =>
        ConsoleGrammar.Operation.Next.Concat(CandidateGrammar.Roots).SelectMany(verb => Below([], verb));

    /// <summary>What a line of this form means that has the names of an owner's things in its slots.</summary>
    /// <param name="form">One of <see cref="Forms"/>.</param>
    /// <param name="path">Its steps.</param>
    /// <param name="who">Who says it: letters and invitations are somebody's own.</param>
    /// <param name="owner">One of <see cref="Owners"/>.</param>
    public static ConsoleStatement Statement(string form, Step[] path, string who, string owner)
    {
        string line = Lines.TryGetValue(form, out string? known) ? known
            : string.Join(' ', path.Select(step => step.Slot is { } slot ? Value(slot) : step.Words[0]));
        int person = Array.IndexOf(People, who);
        line = line.Replace("{}", owner, StringComparison.Ordinal)
            .Replace("{letter}", $"{81 + person}", StringComparison.Ordinal)
            .Replace("{invitation}", $"{61 + person}", StringComparison.Ordinal)
            .Replace("{sent}", owner == "mallory" ? "61" : "69", StringComparison.Ordinal)
            .Replace("{dead}", $"{71 + Array.IndexOf(Owners, owner)}", StringComparison.Ordinal)
            .Replace("{user}", owner switch { "mallory" => "mallory", "alice" => "alice", _ => "bob" },
                StringComparison.Ordinal)
            .Replace("{other}", owner == "mallory" ? "root" : "bob", StringComparison.Ordinal)
            .Replace("{admin}", owner == "mallory" ? "mallory" : "hp", StringComparison.Ordinal)
            .Replace("{ours}", owner == "mallory" ? "team2" : "team1", StringComparison.Ordinal);
        Scope scope = CandidateGrammar.Roots.Contains(path[0]) ? Scope.Candidate : Scope.Operation;
        return StatementParser.Parse(line, scope)!;
    }

    /// <summary>
    /// Two teams with things of the same kinds. Everybody is in a third team as well, so that each can leave the one.
    /// </summary>
    /// <param name="isAlone">The second team alone has people and things: the first is empty.</param>
    public static StoredState State(bool isAlone = false)
    {
        StoredState both = Sample.Empty with
        {
            Teams =
            [
                new(Sample.Team1, new("team1"), 1), new(Sample.Team2, new("team2"), 1), new(Common, new("common"), 1),
            ],
            Users = [.. Sample.State.Users, Sample.User(Root, "root")],
            Memberships =
            [
                .. Sample.State.Memberships, new(Sample.Team1, Root, TeamRole.Admin),
                new(Sample.Team2, Root, TeamRole.Admin),
                .. Sample.State.Users.Select(user => new Membership(Common, user.Id, TeamRole.Member)),
                new(Common, Root, TeamRole.Admin),
            ],
            Workers =
            [
                .. Things(11, (id, owner, team) => Sample.Worker(id, $"w-{owner}", team, Of(owner)) with
                {
                    SealedToken = Seal.Seal(new(id), Token, static bytes => bytes.Clear()),
                }),
            ],
            Services =
            [
                .. Things(21, (id, owner, team) => Sample.Service(id, $"s-{owner}", id - 10) with
                {
                    Team = team,
                    Owner = Of(owner),
                    Visibility = SeenBy(owner),
                    Keep = [new("echo"), new("echo\ttext=a")],
                }),
            ],
            Nodes =
            [
                .. Things(31, (id, owner, team) =>
                    Sample.Directory((ulong)id, $"d-{owner}", team: team) with { Owner = Of(owner) }),
                .. Things(41, (id, owner, team) =>
                    Sample.Directory((ulong)id, $"e-{owner}", team: team) with { Owner = Of(owner) }),
                .. Things(51, (id, owner, team) => Visible(
                    Sample.Trigger((ulong)id, $"t-{owner}", (ulong)(id - 20), id - 30) with
                    {
                        Team = team,
                        Owner = Of(owner),
                    }, owner)),
            ],
            Invitations =
            [
                .. Sample.State.Users.Select((user, at) => new Invitation(
                    new(61 + at), user.Id == Sample.Stranger ? Sample.Team1 : Sample.Team2, TeamRole.Member, Root,
                    user.Id, user.Name.Value, 0, long.MaxValue)),
                new(new(69), Sample.Team1, TeamRole.Member, Sample.Admin, null, "nobody", 0, long.MaxValue),
            ],
            DeadLetters =
            [
                .. Things(71, (id, owner, team) => new DeadLetter(
                    new(id, team, Of(owner), new((ulong)(id - 20)), new(new UInt128(7, (ulong)id)), 0, 1, 1, [1]),
                    $"/d-{owner}/t-{owner}", "it was tried too often", 1)),
            ],
            Letters =
            [
                .. Sample.State.Users.Select((user, at) =>
                    new Letter(new(81 + at), user.Id, null, LetterKind.Announcement, $"for {user.Name}", 1)),
            ],
            LastId = 100,
        };
        return isAlone ? Alone(both) : both;
    }

    private static StoredState Alone(StoredState both) => both with
    {
        Memberships = [.. both.Memberships.Where(place => place.Team != Sample.Team1)],
        Workers = [.. both.Workers.Where(one => one.Team != Sample.Team1)],
        Services = [.. both.Services.Where(one => one.Team != Sample.Team1)],
        Nodes = [.. both.Nodes.Where(one => one.Team != Sample.Team1)],
        DeadLetters = [.. both.DeadLetters.Where(one => one.Message.Team != Sample.Team1)],
        Invitations = [.. both.Invitations.Where(one => one.Who == Sample.Stranger || one.Team == Sample.Team2)],
    };

    /// <summary>A thing for each of the owners, numbered from a number on.</summary>
    private static IEnumerable<T> Things<T>(int from, Func<int, string, TeamId, T> make) =>
        Owners.Select((owner, at) => make(from + at, owner, owner == "mallory" ? Sample.Team2 : Sample.Team1));

    private static UserId Of(string owner) =>
        owner switch { "alice" => Sample.Member, "mallory" => Sample.Stranger, _ => Sample.Admin };

    private static Visibility SeenBy(string owner) => owner == "team" ? Visibility.Team : Visibility.Local;

    private static Node Visible(Node trigger, string owner) =>
        trigger with { Trigger = trigger.Trigger! with { Visibility = SeenBy(owner) } };

    private static IEnumerable<(string Form, Step[] Path)> Below(Step[] above, Step step)
    {
        Step[] path = [.. above, step];
        if (step.Means is not null) yield return (string.Join(' ', path.Select(one => one.Shown)), path);
        foreach (Step next in step.Next)
            foreach ((string, Step[]) below in Below(path, next)) yield return below;
    }

    /// <summary>What is said for the slot; for one of which nothing is said, the first text that it takes.</summary>
    private static string Value(Slot slot) =>
        Array.Find(Values, value => ReferenceEquals(value.Slot, slot)).Text
        ?? Array.Find(Texts, text => Takes(slot, text))
        ?? throw new InvalidOperationException($"no value is said for the slot {slot.Placeholder}");

    private static bool Takes(Slot slot, string text)
    {
        try
        {
            return slot.Check(text).Length > 0;
        }
        catch (TriggerException)
        {
            return false;
        }
    }

    private static readonly string[] Texts = ["1", "10s", "64KiB", "text", "/new"];

    /// <summary>What stands in a slot, unless the form has a line of its own.</summary>
    private static readonly (Slot Slot, string Text)[] Values =
    [
        (Slot.NewWorker, "w-new"), (Slot.NewService, "s-new"), (Slot.NewPath, "/d-{}/new"), (Slot.NewTrigger, "t-new"),
        (Slot.Worker, "w-{}"), (Slot.Service, "s-{}"), (Slot.Target, "s-{}"), (Slot.Trigger, "t-{}"),
        (Slot.Directory, "/e-{}"), (Slot.Path, "/d-{}/t-{}"), (Slot.NewUser, "carol"), (Slot.User, "{user}"),
        (Slot.Invited, "carol@example.com"), (Slot.NewTeam, "ours"), (Slot.Team, "{ours}"), (Slot.Plan, "basic"),
        (Slot.Argument, "text=a"),
        (Slot.Plugin, "echo"), (Slot.Duration, "10s"), (Slot.Number, "1"), (Slot.Lines, "10"), (Slot.Rate, "10/m"),
        (Slot.Size, "64KiB"), (Slot.Permissions, "640"), (Slot.Text, "text"), (Slot.Command, "uptime"),
        (Slot.Revision, "1"), (Slot.Back, "1"), (Slot.Confirm, "5"), (Slot.Count, "1"), (Slot.File, "file"),
        (Slot.Id, "1"), (Slot.Invitation, "1"), (Slot.Pattern, "."),
    ];

    /// <summary>Lines that need other values: numbers, and names that must be free or somebody else's.</summary>
    private static readonly Dictionary<string, string> Lines = new()
    {
        ["mv PATH PATH"] = "mv /d-{}/t-{} /d-{}/t-new",
        ["rename directories PATH PATH"] = "rename directories /e-{} /e-new",
        ["rename directories PATH to PATH"] = "rename directories /e-{} to /e-new",
        ["mkdir PATH"] = "mkdir /new",
        ["delete users USER"] = "delete users {other}",
        ["delete users USER heir USER"] = "delete users {other} heir {admin}",
        ["request team leave heir USER"] = "request team leave heir root",
        ["show mailbox ID"] = "show mailbox {letter}",
        ["delete mailbox ID"] = "delete mailbox {letter}",
        ["show dead-letters ID"] = "show dead-letters {dead}",
        ["request dead-letter ID retry"] = "request dead-letter {dead} retry",
        ["request dead-letter ID retry PATH"] = "request dead-letter {dead} retry /d-{}/t-{}",
        ["request dead-letter ID edit"] = "request dead-letter {dead} edit",
        ["request dead-letter ID edit payload COMMAND"] = "request dead-letter {dead} edit payload changed",
        ["request dead-letter ID drop"] = "request dead-letter {dead} drop",
        ["request invitation INVITATION accept"] = "request invitation {invitation} accept",
        ["request invitation INVITATION decline"] = "request invitation {invitation} decline",
        ["request invitation INVITATION withdraw"] = "request invitation {sent} withdraw",
    };

    /// <summary>
    /// The row of a form: the one whose words are the most of those that the form begins with; null when there is none.
    /// </summary>
    public static (string Words, string Verdicts)? Row(string form) => Table
        .Where(row => form == row.Words || form.StartsWith(row.Words + " ", StringComparison.Ordinal))
        .OrderByDescending(row => row.Words.Length)
        .Select(row => ((string, string)?)row).FirstOrDefault();

    /// <summary>
    /// Who may do what with the things of each of <see cref="Owners"/>: the admin (an operator of the broker), a
    /// member and an observer of the team, and X, the admin of the other team, with his own things.
    /// </summary>
    public static readonly (string Words, string Verdicts)[] Table =
    [
        ("show workers", "AMO AMO AMO X"),
        ("show workers WORKER token", "A.. AM. A.. X"),
        ("show services", "AMO AMO AMO X"),
        ("show services SERVICE", "A.. AM. AMO X"),
        ("show triggers", "AMO AMO AMO X"),
        ("show directories", "AMO AMO AMO X"),
        ("show users", "AMO AMO AMO X"),
        ("show teams", "AMO AMO AMO X"),
        ("show plans", "AMO AMO AMO X"),
        ("show plugins", "AMO AMO AMO X"),
        ("show mailbox", "AMO AMO AMO X"),
        ("show invitations", "AMO AMO AMO X"),
        ("show signups", "A.. A.. A.. X"),
        ("show commits", "AMO AMO AMO X"),
        ("show sessions", "AMO AMO AMO X"),
        ("show jobs", "AMO AMO AMO X"),
        ("show queue", "AMO AMO AMO X"),
        ("show dead-letters", "AMO AMO AMO X"),
        ("show dead-letters ID", "A.. AM. A.. X"),
        ("show audit", "A.. A.. A.. X"),
        ("show configuration", "AMO AMO AMO X"),
        ("show version", "AMO AMO AMO X"),
        ("set workers identity", "AM. AM. AM. X"),
        ("set workers WORKER", "A.. AM. A.. X"),
        ("set services name", "AM. AM. AM. X"),
        ("set services SERVICE", "A.. AM. A.. X"),
        ("set triggers name", "AM. AM. AM. X"),
        ("set triggers TRIGGER", "A.. AM. A.. X"),
        ("set teams name", "AM. AM. AM. X"),
        ("set teams TEAM plan", "A.. A.. A.. ."),
        ("set users identity", "A.. A.. A.. X"),
        ("set users USER", "A.. A.. A.. X"),
        ("set users USER secret", "A.. AM. A.. X"),
        ("delete workers", "A.. AM. A.. X"),
        ("delete services", "A.. AM. A.. X"),
        ("delete triggers", "A.. AM. A.. X"),
        ("delete directories", "A.. AM. A.. X"),
        ("delete users", "A.. A.. A.. X"),
        ("delete mailbox", "AMO AMO AMO X"),
        ("rename", "A.. AM. A.. X"),
        ("copy workers", "AM. AM. AM. X"),
        ("copy services", "A.. AM. A.. X"),
        ("copy triggers", "A.. AM. AM. X"),
        ("annotate", "A.. AM. A.. X"),
        ("mkdir", "AM. AM. AM. X"),
        ("rmdir", "A.. AM. A.. X"),
        ("mv", "A.. AM. A.. X"),
        ("chmod", "A.. AM. A.. X"),
        ("request services", "A.. AM. AM. X"),
        ("request workers", "A.. AM. A.. X"),
        ("request dead-letter", "A.. AM. A.. X"),
        ("request queue", "A.. AM. A.. X"),
        ("request team invite", "A.. A.. A.. X"),
        ("request team leave", "AMO AMO AMO X"),
        ("request invitation", "AMO AMO AMO X"),
        ("request invitation INVITATION withdraw", "A.. A.. A.. X"),
        ("request broker", "A.. A.. A.. ."),
        ("monitor workers", "AMO AMO AMO X"),
        ("monitor requests", "AMO AMO AMO X"),
        ("monitor requests SERVICE", "A.. AM. AMO X"),
        ("monitor services", "A.. AM. A.. X"),
        ("clear hits", "AM. AM. AM. X"),
        ("clear hits TRIGGER", "A.. AM. A.. X"),
        ("commit", "AM. AM. AM. X"),
        ("rollback", "A.. A.. A.. X"),
    ];
}
