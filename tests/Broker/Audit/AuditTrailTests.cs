using System.Text;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Audit;

public sealed class AuditTrailTests
{
    private readonly Scene _scene = new();

    private List<AuditEntry> Audited => _scene.World.Audited;

    [Fact]
    public void A_change_says_who_made_it_from_where_and_what_was_before_and_after()
    {
        TestPeer user = _scene.User();
        Ask(user, Verb.Set, ObjectKind.Service, "dc1", Properties.Timeout, "10000");
        AuditEntry line = Assert.Single(Audited);
        Assert.Equal(("change", "team1", "hp", "10.0.0.1:4711", "set service dc1 timeout 10000"),
            (line.Event, line.Team, line.User, line.From, line.What));
        AuditedThing thing = Assert.Single(line.Things!);
        Assert.Equal(("service", 21, "dc1"), (thing.Kind, thing.Id, thing.Name));
        Assert.Empty(thing.Before!);
        Assert.Equal("timeout=10s", Text(thing.After!));
    }

    [Fact]
    public void Of_a_long_list_only_what_is_gone_and_what_is_new_is_told()
    {
        TestPeer user = _scene.User();
        Ask(user, Verb.Remove, ObjectKind.Service, "dc1", Properties.Workers, "demo02", "demo03");
        AuditedThing thing = Assert.Single(Assert.Single(Audited).Things!);
        Assert.Equal(("workers=demo02 demo03", ""), (Text(thing.Before!), Text(thing.After!)));
    }

    [Fact]
    public void A_thing_that_is_made_or_removed_is_told_in_full()
    {
        TestPeer user = _scene.User();
        Ask(user, Verb.Create, ObjectKind.Trigger, "/demo/new", "");
        Ask(user, Verb.Delete, ObjectKind.Trigger, "/demo/uptime", "");
        AuditedThing made = Assert.Single(Audited[0].Things!), gone = Assert.Single(Audited[1].Things!);
        Assert.Null(made.Before);
        Assert.Equal(("trigger", "/demo/new", "/demo/new"), (made.Kind, made.Name, made.After!["path"]));
        Assert.Null(gone.After);
        Assert.Equal("dc1", gone.Before!["service"]);
    }

    [Fact]
    public void Messages_that_are_dropped_together_are_told_as_one_thing_with_their_number()
    {
        TestPeer user = _scene.User();
        for (ulong n = 1; n <= 3; n++) user.FireLater(n, 32, n);
        _scene.Settle();
        Ask(user, Verb.Request, ObjectKind.Queue, "uptime", Properties.Drop);
        AuditEntry line = Assert.Single(Audited);
        AuditedThing dropped = Assert.Single(line.Things!);
        Assert.Equal(("request queue uptime drop", "messages", "3"), (line.What, dropped.Kind, dropped.Name));
        Assert.Contains("messages 3 removed", Assert.Single(AuditStatements.TableOf([line], Sample.Team1).Rows));
    }

    [Fact]
    public void Dead_letters_that_are_sent_again_together_are_told_as_one_thing_with_their_number()
    {
        TestPeer user = _scene.User();
        Ask(user, Verb.Set, ObjectKind.Trigger, "uptime", Properties.Ttl, "1000");
        for (ulong n = 1; n <= 3; n++) user.FireLater(n, 32, n);
        _scene.Settle();
        _scene.Pass(2000, user);
        _scene.Settle();
        Ask(user, Verb.Request, ObjectKind.Trigger, "uptime", Properties.RetryDead);
        AuditEntry line = Audited[^1];
        AuditedThing letters = Assert.Single(line.Things!);
        Assert.Equal(("request trigger uptime retry-dead-letters", "dead letters", "3"),
            (line.What, letters.Kind, letters.Name));
    }

    [Fact]
    public void A_refused_statement_is_told_with_its_reason_and_its_repeats_are_counted()
    {
        TestPeer user = _scene.User("alice");
        for (int n = 0; n < 50; n++) Ask(user, Verb.Delete, ObjectKind.Service, "dc1", "");
        AuditEntry line = Assert.Single(Audited);
        Assert.Equal(("refused", "alice", "delete service dc1", "NotFound"),
            (line.Event, line.User, line.What, line.Code));
        _scene.Pass(Repeats.WindowMs + 2000, user);
        Assert.Equal(49, Audited[^1].Times);
    }

    [Fact]
    public void Who_only_looks_is_not_told_of_unless_he_may_not()
    {
        TestPeer user = _scene.User("alice");
        Ask(user, Verb.Show, ObjectKind.Service, "nothing", "");
        Assert.Empty(Audited);
        Ask(user, Verb.Show, ObjectKind.Worker, "demo01", Properties.Token);
        Assert.Equal("NotAllowed", Assert.Single(Audited).Code);
    }

    [Fact]
    public void That_a_token_was_shown_is_told()
    {
        TestPeer user = _scene.User();
        Ask(user, Verb.Create, ObjectKind.Worker, "fresh", "");
        Ask(user, Verb.Show, ObjectKind.Worker, "fresh", Properties.Token);
        Assert.Equal(("reveal", "show worker fresh token"), (Audited[1].Event, Audited[1].What));
    }

    [Fact]
    public void A_failed_sign_in_is_told_as_it_was_said_and_a_flood_of_them_in_a_few_lines()
    {
        for (int n = 0; n < 1000; n++)
            _scene.Join().SignIn(new(PeerRole.Client, "team1", "hp", ProofKind.Secret, "wr0ng-secret", "test"));
        AuditEntry line = Assert.Single(Audited);
        Assert.Equal(("sign-in", "team1", "hp", "Unauthenticated"), (line.Event, line.Team, line.User, line.Code));
        Assert.Equal(Sample.Team1.Value, line.TeamId);
        _scene.Pass(Repeats.WindowMs + 2000);
        Assert.Equal(999, Audited[^1].Times);
    }

    [Fact]
    public void A_request_for_a_service_that_one_may_not_use_is_told_to_its_team()
    {
        TestPeer stranger = _scene.User("mallory", "team2");
        stranger.Request(1, "team1/dc1");
        stranger.Request(2, "team1/nothing");
        AuditEntry line = Assert.Single(Audited);
        Assert.Equal(("refused", "team2", "team1", "call service dc1"), (line.Event, line.Team, line.About, line.What));
    }

    [Fact]
    public void A_broker_that_stops_tells_what_it_counted()
    {
        TestPeer user = _scene.User("alice");
        for (int n = 0; n < 3; n++) Ask(user, Verb.Delete, ObjectKind.Service, "dc1", "");
        _scene.State.Stopping(_scene.Now);
        Assert.Equal(2, Audited[^2].Times);
        Assert.Equal(AuditEvents.Stop, Audited[^1].Event);
    }

    [Fact]
    public void Only_an_admin_of_the_team_is_shown_its_audit_and_addresses_of_other_teams_are_left_out()
    {
        TestPeer admin = _scene.User(), member = _scene.User("alice");
        Ask(member, Verb.Show, ObjectKind.Audit, "", "");
        Assert.Equal(ErrorCode.NotAllowed, Assert.Single(member.Read()).Refused!.Code);
        Assert.Empty(_scene.World.Looking);

        Ask(admin, Verb.Show, ObjectKind.Audit, "", "", "5");
        (long ticket, AuditQuery query) = _scene.World.Looking.Dequeue();
        Assert.Equal(new AuditQuery(Sample.Team1, OfNobody: true, 5), query);
        AuditEntry own = AuditLogTests.Entry("set service dc1 timeout 10000") with { From = "10.0.0.1:1", Seq = 7 };
        AuditEntry foreign = own with { Team = "team2", TeamId = 3, About = "team1", AboutId = 2, From = "10.9.9.9:1" };
        _scene.State.AuditRead(ticket, [own, foreign], null, _scene.Now);
        string[][] rows = [.. Listing.Read(Assert.Single(admin.Read(MessageKind.Listing)).Message).Rows];
        Assert.Equal(["10.0.0.1:1", ""], rows.Select(row => row[4]));
        Assert.Equal(["team1/hp", "team2/hp"], rows.Select(row => row[2]));
        Tidy.Check(_scene);
    }

    [Fact]
    public void Whoever_is_not_an_operator_is_shown_no_lines_of_nobody()
    {
        TestPeer admin = _scene.User("mallory", "team2");
        Ask(admin, Verb.Show, ObjectKind.Audit, "", "");
        Assert.Equal(new AuditQuery(Sample.Team2, OfNobody: false, 100), _scene.World.Looking.Dequeue().Query);
    }

    [Fact]
    public void The_values_of_a_statement_that_nobody_knows_are_not_written_down()
    {
        TestPeer user = _scene.User();
        Ask(user, Verb.Set, ObjectKind.Version, "x", "secret", "canary-value");
        Assert.DoesNotContain("canary", Json(Assert.Single(Audited)));
    }

    /// <summary>No row of the registrar may bring a secret into the audit, whatever it is asked with.</summary>
    [Fact]
    public void Whatever_is_asked_no_secret_token_or_JWT_is_in_a_line()
    {
        TestPeer admin = _scene.User();
        Ask(admin, Verb.Create, ObjectKind.Worker, "fresh", "");
        string told = Done.Read(Assert.Single(admin.Read(MessageKind.Done)).Message).Notice;
        string token = told.Split(' ')[5].Split('\n')[0];
        Assert.True(Guid.TryParse(token, out _));
        string[] secretWords = ["secret", "token", "password", "code", "jwt"];
        foreach (Row row in Registrar.Rows)
        {
            if (row.SecretAt < 0 && !secretWords.Any(word => row.Property.Contains(word, StringComparison.Ordinal)))
                continue;
            foreach (string name in (string[])["fresh", "alice", "hp", "dc1", "/demo/uptime"])
                foreach (int count in (int[])[row.ValuesMin, Math.Min(row.ValuesMax, 5)])
                    Ask(admin, row.Verb, row.Kind, name, row.Property, [.. Enumerable.Range(0, count).Select(
                        at => row.SecretAt > at ? "member" : "canary-Secret-1234")]);
        }
        _scene.Join().SignIn(new(PeerRole.Client, "team1", "hp", ProofKind.Secret, "canary-Secret-1234", "test"));
        string all = string.Join('\n', Audited.Select(Json));
        Assert.DoesNotContain("canary", all);
        Assert.DoesNotContain(token, all);
        Assert.DoesNotContain(admin.Welcome.Jwt, all);
    }

    [Fact]
    public void Every_kind_of_change_has_words_in_the_audit()
    {
        Change[] samples =
        [
            new Change.PutTeam(new(Sample.Team1, new("team1"), 1)), new Change.PutUser(Sample.User(Sample.Admin, "hp")),
            new Change.DropUser(Sample.Admin),
            new Change.PutMembership(new(Sample.Team1, Sample.Member, TeamRole.Admin)),
            new Change.DropMembership(Sample.Team1, Sample.Member),
            new Change.PutLetter(new(new(40), Sample.Member, null, LetterKind.Account, "x", 1)),
            new Change.DropLetter(Sample.Member, new(40)),
            new Change.PutInvitation(new(new(41), Sample.Team1, TeamRole.Member, null, null, "zoe", 1, 2)),
            new Change.DropInvitation(new(41)),
            new Change.DropDeadLetter(42),
            new Change.PutMessage(new(43, Sample.Team1, Sample.Admin, new(31), default, 0, 1, 1, [])),
            new Change.PutWorker(Sample.Worker(11, "demo01")), new Change.DropWorker(new(11)),
            new Change.PutService(Sample.Service(21, "dc1")), new Change.DropService(new(21)),
            new Change.PutNode(Sample.Directory(31, "demo")), new Change.DropNode(new(31)),
            new Change.ClearHits(new(31)),
        ];
        Assert.Equal(
            // A directory that is touched is told as what came into it or went; the queue's are no statement's.
            typeof(Change).GetNestedTypes().Select(type => type.Name)
                .Except([nameof(Change.TouchDirectory), nameof(Change.PutRevision), nameof(Change.DropRevision)])
                .Except([nameof(Change.DropMessage), nameof(Change.PutDeadLetter)])
                .Except([nameof(Change.PutSpool), nameof(Change.DropSpool), nameof(Change.EndQuietly)])
                .Order(),
            samples.Select(change => change.GetType().Name).Order());
        foreach (Change change in samples)
        {
            var audited = new AuditedChanges(_scene.Roster, [change]);
            Assert.NotEmpty(Assert.Single(audited.Things).Kind);
        }
    }

    private void Ask(TestPeer user, Verb verb, ObjectKind kind, string name, string property, params string[] values)
    {
        user.Send(new Manage(new(900), verb, kind, name, property, values).Write);
        _scene.Settle();
    }

    private static string Text(IReadOnlyDictionary<string, string> properties) =>
        string.Join(' ', properties.Select(pair => $"{pair.Key}={pair.Value}"));

    private static string Json(AuditEntry entry)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        AuditLine.Write(output, entry);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
