using TriggerFs.Broker.Audit;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Commands.Cli;

/// <summary>
/// Two teams, four people, every statement of the grammar tried by everyone: what the table allows works, everything
/// else is refused and changes nothing, and what one team has makes no difference to what the other one hears.
/// </summary>
public sealed class StatementMatrixTests
{
    /// <summary>Refusals that mean: it is allowed, and only cannot be done just now.</summary>
    private static readonly ErrorCode[] NotNow = [ErrorCode.NoWorker, ErrorCode.NotEmpty];

    /// <summary>What a console does by itself: the broker hears nothing of it, or another statement.</summary>
    private static readonly Type[] Local =
    [
        typeof(ConsoleStatement.Help), typeof(ConsoleStatement.Exit), typeof(ConsoleStatement.Configure),
        typeof(ConsoleStatement.ConfigureCandidate), typeof(ConsoleStatement.Load), typeof(ConsoleStatement.Piped),
        typeof(ConsoleStatement.Shell), typeof(ConsoleStatement.Update), typeof(ConsoleStatement.GoTo),
    ];

    private static readonly (string Name, string Letter)[] Team = [("hp", "A"), ("alice", "M"), ("eve", "O")];
    private static readonly (string Name, string Letter)[] Stranger = [("mallory", "X")];

    [Fact]
    public void Everybody_may_do_with_every_statement_what_the_table_says_and_nothing_else()
    {
        var wrong = new List<string>();
        var used = new HashSet<string>();
        foreach ((string form, Step[] path) in Judged())
        {
            string verdicts = string.Join(' ', StatementMatrix.Owners.Select(owner => Verdicts(form, path, owner)));
            (string Words, string Verdicts)? row = StatementMatrix.Row(form);
            if (row is { Words: var words }) used.Add(words);
            if (row?.Verdicts != verdicts) wrong.Add($"{form}: {verdicts} (the table: {row?.Verdicts ?? "no row"})");
        }
        Assert.True(wrong.Count == 0, "these are not as the table says:\n" + string.Join('\n', wrong));
        Assert.Empty(StatementMatrix.Table.Select(row => row.Words).Except(used));
    }

    [Fact]
    public void What_the_other_team_has_makes_no_difference_to_what_is_heard()
    {
        foreach ((string form, Step[] path) in Judged())
            foreach (string owner in (string[])["hp", "team"])
            {
                ConsoleStatement statement = StatementMatrix.Statement(form, path, "mallory", owner);
                IEnumerable<string> both = Hears(StatementMatrix.State(), statement);
                Assert.Equal((form, string.Join('\n', Hears(StatementMatrix.State(isAlone: true), statement))),
                    (form, string.Join('\n', both)));
            }

        static IEnumerable<string> Hears(TriggerFs.Core.Model.StoredState state, ConsoleStatement statement) =>
            Say(new Scene(state), "mallory", statement, out _).Select(heard =>
                $"{heard.Kind} {heard.Refused} {System.Text.Encoding.UTF8.GetString(heard.Message)}");
    }

    [Fact]
    public void A_service_that_a_member_may_not_see_reads_as_one_that_is_not_there()
    {
        int tried = 0;
        foreach ((string form, Step[] path) in Judged())
        {
            bool isOfService = path.Any(step => step.Slot == Slot.Service || step.Slot == Slot.Target);
            if (!isOfService || path.Any(step => step.Slot == Slot.Trigger)) continue;
            foreach (string who in (string[])["alice", "eve"])
            {
                Refused? hidden = Answer("hp", who), none = Answer("nobody", who);
                if (hidden is null && none is null) continue;
                Assert.Equal((form, none), (form, hidden! with
                {
                    What = hidden.What.Replace("s-hp", "s-nobody", StringComparison.Ordinal),
                }));
                tried++;
            }

            Refused? Answer(string owner, string who) => Say(new Scene(StatementMatrix.State()), who,
                StatementMatrix.Statement(form, path, who, owner), out _)[0].Refused;
        }
        Assert.True(tried > 40, $"only {tried} were tried");
    }

    /// <summary>The forms of which the broker hears.</summary>
    private static IEnumerable<(string Form, Step[] Path)> Judged() => StatementMatrix.Forms.Where(one =>
        !Local.Contains(StatementMatrix.Statement(one.Form, one.Path, "hp", "hp").GetType()));

    /// <summary>
    /// A letter for each who may, a point for who may not: Admin, Member and Observer of the team; X for the admin of
    /// the other team, who is no operator, with his own things.
    /// </summary>
    private static string Verdicts(string form, Step[] path, string owner) => string.Concat(
        (owner == "mallory" ? Stranger : Team).Select(one => Verdict(form, path, one.Name, owner) ?? one.Letter));

    /// <summary>A point when it is refused, null when it is allowed, and else what went wrong.</summary>
    private static string? Verdict(string form, Step[] path, string who, string owner)
    {
        ConsoleStatement statement = StatementMatrix.Statement(form, path, who, owner);
        var scene = new Scene(StatementMatrix.State());
        (string admin, string service) = owner == "mallory" ? ("mallory", "s-mallory") : ("hp", "s-team");
        _ = Say(scene, admin, StatementParser.Parse($"annotate services {service} first")!, out _); // A revision.
        List<Heard> heard = Say(scene, who, statement, out bool asked);
        if (heard.Count == 0) return "?";
        if (heard[0].Refused is not { } refusal || NotNow.Contains(refusal.Code)) return null;
        if (refusal.Code is not (ErrorCode.NotAllowed or ErrorCode.NotFound))
            return $"<{refusal.Code}: {refusal.What}>";
        return asked ? "<refused, and something was stored>" : ".";
    }

    /// <summary>Says it in a new session: what is heard, and whether anything was to be stored or hashed.</summary>
    private static List<Heard> Say(Scene scene, string who, ConsoleStatement statement, out bool asked)
    {
        TestPeer peer = scene.User(who, who == "mallory" ? "team2" : "team1", PeerRole.Console);
        switch (statement)
        {
            case ConsoleStatement.Ask ask:
                peer.Send(Message(ask).Write);
                break;
            case ConsoleStatement.AskWithSecret { Statement: var ask }:
                string[] secret = ask.Name == who ? ["a new secret", "right"] : ["a new secret"];
                peer.Send(Message(ask with { Values = [.. ask.Values, .. secret] }).Write);
                break;
            case ConsoleStatement.EditLetter edit:
                peer.Send(new Manage(
                    new(1), Verb.Request, ObjectKind.DeadLetter, edit.Id, Properties.Edit, ["changed"]).Write);
                break;
            case ConsoleStatement.Monitor monitor:
                peer.Send(new Manage(new(1), Verb.Monitor, monitor.Kind, monitor.Name, "", []).Write);
                break;
            case ConsoleStatement.Request request:
                peer.Request(1, request.Service, request.Command, request.TimeoutMs, plugin: request.Plugin);
                break;
            case ConsoleStatement.Commit commit:
                peer.Send(new Commit(new(1), commit.Action, Base: 1, Target: 0, commit.ConfirmMs, commit.Comment,
                    [new(new(0), Verb.Create, ObjectKind.Directory, "/new", "", [])]).Write);
                break;
            case ConsoleStatement.Back:
                peer.Send(new Commit(new(1), CommitAction.Back, Base: 1, Target: 0, 0, "", []).Write);
                break;
            default:
                Assert.Fail($"nobody said how {statement.GetType().Name} is sent, or that it is the console's own");
                break;
        }
        asked = scene.World.IsAsked;
        scene.Settle();
        while (scene.World.Looking.TryDequeue(out (long Ticket, AuditQuery Query) look))
            scene.State.AuditRead(look.Ticket, [], null, scene.Now);
        return peer.Read();
    }

    private static Manage Message(ConsoleStatement.Ask ask) =>
        new(new(1), ask.Verb, ask.Kind, ask.Name, ask.Property, ask.Values);
}
