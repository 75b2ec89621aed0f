using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.State;

/// <summary>People without an account: an activation code, and an account with it.</summary>
public sealed class SignUpTests
{
    private const string Bob = "bob@example.com";
    private const string Secret = "a secret of bobby";

    private static readonly TokenSeal Seal = new(new byte[TokenSeal.KeySize]);
    private static readonly BrokerOptions Invited = BrokerOptions.Default with { Address = "tcp://broker:5555" };
    private static readonly BrokerOptions Mailing = Invited with { CanMail = true };
    private static readonly BrokerOptions Open = Mailing with { Signup = SignupMode.Open };

    [Fact]
    public void Who_is_invited_makes_an_account_with_the_code_and_signs_in()
    {
        Scene scene = WithInvitation(out string code);
        Activated made = Activate(scene, Wish(code)).Activated!;
        Assert.Equal(("team1", "bobby"), (made.Team, made.Identity));
        User bobby = scene.Roster.FindUser("bobby")!;
        Assert.Equal(("Bob Example", Bob, true, "hash of " + Secret),
            (bobby.FullName, bobby.Email, bobby.SecretIsOwn, bobby.SecretHash));
        Assert.Equal(TeamRole.Member, scene.Roster.MembershipOf(Sample.Team1, bobby.Id)!.Role);
        Assert.Equal("bobby", scene.User("bobby").Welcome.Identity);
        Assert.Contains("bobby signed up", Assert.Single(scene.Roster.LettersOf(Sample.Admin)).Text);
    }

    [Fact]
    public void A_code_is_good_once()
    {
        Scene scene = WithInvitation(out string code);
        Activate(scene, Wish(code));
        Assert.Equal(ErrorCode.Unauthenticated, Activate(scene, Wish(code) with { Identity = "again" }).Code);
        Assert.Null(scene.Roster.FindUser("again"));
    }

    [Fact]
    public void A_wrong_code_a_wrong_address_and_a_code_that_is_too_old_read_the_same()
    {
        Scene scene = WithInvitation(out string code);
        Refused wrongCode = Activate(scene, Wish("AAAA-BBBB-CCCC"), "10.0.1.1:1").Refused!;
        Refused wrongAddress = Activate(scene, Wish(code) with { Email = "eve@example.com" }, "10.0.1.2:1").Refused!;
        scene.Jump(Limits.InvitationLife + TimeSpan.FromMinutes(1));
        Refused old = Activate(scene, Wish(code), "10.0.1.3:1").Refused!;
        Assert.Equal(ErrorCode.Unauthenticated, wrongCode.Code);
        Assert.Equal(wrongCode, wrongAddress);
        Assert.Equal(wrongCode, old);
        Assert.Null(scene.Roster.FindUser("bobby"));
    }

    [Fact]
    public void A_withdrawn_invitation_is_worth_nothing()
    {
        Scene scene = WithInvitation(out string code);
        Invitation invitation = Assert.Single(scene.Roster.Invitations(scene.Now));
        TestPeer admin = scene.User();
        admin.Send(new Manage(new(2), Verb.Request, ObjectKind.Invitation, $"{invitation.Id.Value}", "withdraw", [])
            .Write);
        scene.Settle();
        Assert.Equal(ErrorCode.Unauthenticated, Activate(scene, Wish(code)).Code);
    }

    [Fact]
    public void After_three_wrong_codes_an_address_has_to_wait_and_another_one_has_not()
    {
        Scene scene = WithInvitation(out string code);
        for (int i = 0; i < 4; i++) Activate(scene, Wish("AAAA-BBBB-CCCC"), "10.0.1.1:1");
        Assert.Equal(ErrorCode.Busy, Activate(scene, Wish(code), "10.0.1.1:2").Code);
        Assert.NotNull(Activate(scene, Wish(code), "10.0.1.2:1").Activated);
    }

    [Fact]
    public void Too_many_failed_attempts_from_anywhere_end_a_code_and_its_sender_hears_of_it()
    {
        Scene scene = WithInvitation(out string code);
        for (int i = 0; i < Limits.CodeTriesMax; i++)
            Assert.Equal(ErrorCode.Unauthenticated, Activate(scene, Wish("AAAA-BBBB-CCCC"), $"10.0.2.{i}:1").Code);
        Assert.Empty(scene.Roster.Invitations(scene.Now));
        Assert.Contains("worth nothing", Assert.Single(scene.Roster.LettersOf(Sample.Admin)).Text);
        Assert.Equal(ErrorCode.Unauthenticated, Activate(scene, Wish(code), "10.0.3.1:1").Code);
    }

    [Theory]
    [InlineData("bob", Secret, "", "Invalid")]
    [InlineData("bob-by", Secret, "", "Invalid")]
    [InlineData("bob\u001b[2J", Secret, "", "Invalid")]
    [InlineData("bobby", "too short", "", "Invalid")]
    [InlineData("bobby", "a secret with a\nnew line", "", "Invalid")]
    [InlineData("bobby", Secret, "others", "Invalid")]
    [InlineData("alice", Secret, "", "Exists")]
    public void What_breaks_a_rule_is_refused_before_bcrypt_has_work_with_it(
        string identity, string secret, string team, string expected)
    {
        Scene scene = WithInvitation(out string code);
        TestPeer peer = scene.Join();
        peer.Send((Wish(code) with { Identity = identity, Secret = secret, Team = team }).Write);
        Assert.Empty(scene.World.Hashing);
        Assert.Equal(expected, $"{peer.Read()[^1].Refused!.Code}");
        Assert.True(peer.IsDismissed);
        Assert.NotNull(Activate(scene, Wish(code)).Activated);
    }

    [Fact]
    public void Of_two_who_want_one_identity_at_once_one_gets_it()
    {
        Scene scene = WithInvitation(out string code);
        string other = Invite(scene, "carol@example.com");
        TestPeer one = scene.Join("10.0.1.1:1"), two = scene.Join("10.0.1.2:1");
        one.Send(Wish(code).Write);
        two.Send((Wish(other) with { Email = "carol@example.com" }).Write);
        scene.Settle();
        Assert.Equal(MessageKind.Activated, one.Read()[^1].Kind);
        Assert.Equal(ErrorCode.Exists, two.Read()[^1].Refused!.Code);
        Assert.Equal(Bob, scene.Roster.FindUser("bobby")!.Email);
    }

    [Fact]
    public void Who_leaves_while_the_secret_is_hashed_has_made_nothing()
    {
        Scene scene = WithInvitation(out string code);
        TestPeer peer = scene.Join();
        peer.Send(Wish(code).Write);
        scene.Leave(peer, TriggerFs.Core.Ports.LinkEnd.Broken);
        scene.Settle();
        Assert.Null(scene.Roster.FindUser("bobby"));
        Assert.NotNull(Activate(scene, Wish(code)).Activated);
    }

    [Fact]
    public void What_the_disk_refuses_is_told_and_the_code_is_still_good()
    {
        Scene scene = WithInvitation(out string code);
        TestPeer peer = scene.Join();
        peer.Send(Wish(code).Write);
        (long ticket, SecretOrder order) = scene.World.Hashing.Dequeue();
        scene.State.Hashed(ticket, "hash of " + order.New, null, scene.Now);
        scene.State.Committed(scene.World.Committing.Dequeue().Ticket, new(ErrorCode.Storage, "full"), scene.Now);
        Assert.Equal(ErrorCode.Storage, peer.Read()[^1].Refused!.Code);
        Assert.NotNull(Activate(scene, Wish(code)).Activated);
    }

    [Fact]
    public void A_closed_broker_takes_no_signups()
    {
        Scene scene = WithInvitation(out string code, Invited with { Signup = SignupMode.Closed });
        Assert.Equal(ErrorCode.NotAllowed, Activate(scene, Wish(code)).Code);
        Assert.Equal(ErrorCode.NotAllowed, Ask(scene, Bob).Refused!.Code);
    }

    [Fact]
    public void The_answer_to_who_asks_for_a_code_is_the_same_for_every_address_and_comes_before_anything_is_stored()
    {
        foreach (BrokerOptions options in (BrokerOptions[])[Mailing, Open, Invited])
        {
            Scene scene = WithInvitation(out _, options);
            WithEmail(scene, "alice", "alice@example.com");
            var answers = new List<string>();
            foreach (string email in (string[])[Bob, "alice@example.com", "nobody@example.com"])
            {
                TestPeer peer = scene.Join($"10.0.4.{answers.Count}:1");
                peer.Send(new SignUp(email).Write);
                Heard heard = Assert.Single(peer.Read());
                Assert.True(peer.IsDismissed);
                answers.Add(Done.Read(heard.Message).Notice.Replace(email, "…", StringComparison.Ordinal));
                scene.Settle();
            }
            Assert.Single(answers.Distinct());
        }
    }

    [Fact]
    public void An_invited_address_gets_its_code_again_and_no_other_gets_anything()
    {
        Scene scene = WithInvitation(out string code, Mailing);
        scene.World.Mailed.Clear();
        Ask(scene, "nobody@example.com");
        Assert.Empty(scene.World.Mailed);
        Ask(scene, "BOB@example.com");
        Assert.Contains(code, Assert.Single(scene.World.Mailed).Text);
        Assert.Equal(Bob, scene.World.Mailed[0].To);
        Assert.Single(scene.Roster.Invitations(scene.Now));
    }

    [Fact]
    public void An_open_broker_mails_a_code_to_whoever_asks_who_founds_a_team_of_the_smallest_plan()
    {
        var scene = new Scene(options: Open);
        Ask(scene, Bob);
        string code = Seal.CodeOf(Assert.Single(scene.Roster.Invitations(scene.Now)));
        Assert.Contains(code, Assert.Single(scene.World.Mailed).Text);
        Assert.Equal(ErrorCode.Invalid, Activate(scene, Wish(code)).Code);
        Assert.Equal(ErrorCode.Exists, Activate(scene, Wish(code) with { Team = "team1" }).Code);
        Activated made = Activate(scene, Wish(code) with { Team = "bobs" }).Activated!;
        Assert.Equal("bobs", made.Team);
        Team team = scene.Roster.FindTeam("bobs")!;
        User bobby = scene.Roster.FindUser("bobby")!;
        Assert.Equal((bobby.Id, "free"), (team.Founder, team.Plan.Name));
        Assert.Equal(TeamRole.Admin, scene.Roster.MembershipOf(team.Id, bobby.Id)!.Role);
        Assert.Equal("bobs", scene.User("bobby", "bobs").Welcome.Team);
    }

    [Fact]
    public void The_code_of_an_open_broker_is_worth_nothing_once_it_is_no_longer_open()
    {
        StoredState stored = Sample.State with
        {
            Invitations = [new(new(900), null, TeamRole.Admin, null, null, Bob, Sample.Now.UnixMs, long.MaxValue)],
        };
        var scene = new Scene(stored, Mailing);
        string code = Seal.CodeOf(stored.Invitations[0]);
        Assert.Equal(ErrorCode.Unauthenticated, Activate(scene, Wish(code) with { Team = "bobs" }).Code);
    }

    [Fact]
    public void An_address_that_has_an_account_is_told_so_by_mail_and_gets_no_code()
    {
        var scene = new Scene(options: Open);
        WithEmail(scene, "alice", "alice@example.com");
        Ask(scene, "alice@example.com");
        Assert.Contains("alice", Assert.Single(scene.World.Mailed).Text);
        Assert.Empty(scene.Roster.Invitations(scene.Now));
    }

    [Fact]
    public void Nobody_is_flooded_with_mail_by_somebody_who_asks_again_and_again()
    {
        var scene = new Scene(options: Open);
        for (int i = 0; i < 3 * CodeBook.MailsMax; i++)
        {
            Ask(scene, Bob, $"10.0.5.{i}:1");
            Ask(scene, Bob, $"10.0.6.{i}:1");
            scene.Jump(CodeBook.MailMin);
        }
        Assert.Equal(CodeBook.MailsMax, scene.World.Mailed.Count);
        Assert.Single(scene.Roster.Invitations(scene.Now));
    }

    [Fact]
    public void One_address_asks_only_so_often()
    {
        var scene = new Scene(options: Open);
        var answers = Enumerable.Range(0, 6).Select(i => Ask(scene, $"bob{i}@example.com").Kind).ToArray();
        Assert.Equal(4, answers.Count(kind => kind == MessageKind.Done));
        Assert.Equal(2, answers.Count(kind => kind == MessageKind.Refused));
        Assert.Equal(MessageKind.Done, Ask(scene, "carol@example.com", "10.0.7.1:1").Kind);
    }

    [Fact]
    public void Codes_of_strangers_take_bounded_room()
    {
        Invitation[] waiting =
        [
            .. Enumerable.Range(0, Limits.SignupsMax).Select(i => new Invitation(
                new(1000 + i), null, TeamRole.Admin, null, null, $"b{i}@example.com", 0, long.MaxValue)),
        ];
        var scene = new Scene(Sample.State with { Invitations = waiting, LastId = 5000 }, Open);
        Ask(scene, Bob);
        Assert.Equal(Limits.SignupsMax, scene.Roster.Invitations(scene.Now).Count());
        Assert.Empty(scene.World.Mailed);
    }

    [Fact]
    public void A_signup_is_heard_instead_of_a_Hello_and_once()
    {
        Scene scene = WithInvitation(out string code);
        TestPeer user = scene.User();
        user.Send(Wish(code).Write);
        Assert.Equal(ErrorCode.Protocol, user.Read()[^1].Refused!.Code);
        TestPeer twice = scene.Join();
        twice.Send(Wish(code).Write);
        twice.Send(Wish(code).Write);
        Assert.Equal(ErrorCode.Protocol, twice.Read()[^1].Refused!.Code);
        scene.Settle();
        Assert.Null(scene.Roster.FindUser("bobby"));
    }

    [Fact]
    public void All_of_it_is_in_the_audit_and_no_secret_or_code_is()
    {
        Scene scene = WithInvitation(out string code);
        Ask(scene, Bob);
        Activate(scene, Wish("AAAA-BBBB-CCCC"));
        Activate(scene, Wish(code));
        AuditEntry[] lines = [.. scene.World.Audited.TakeLast(3)];
        Assert.Equal(["sign-up", "sign-up", "change"], lines.Select(line => line.Event));
        Assert.Equal("ask for an activation code for bob@example.com", lines[0].What);
        Assert.Equal("Unauthenticated", lines[1].Code);
        Assert.Equal(("bobby", "team1"), (lines[2].User, lines[2].About));
        Assert.All(lines, line => Assert.StartsWith("10.0.0.1", line.From));
        string all = string.Join('\n', scene.World.Audited.Select(line =>
            System.Text.Json.JsonSerializer.Serialize(line, AuditJson.Line.AuditEntry)));
        Assert.DoesNotContain(code, all, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, all, StringComparison.Ordinal);
    }

    /// <summary>A team that has invited an address, and the code that went there.</summary>
    private static Scene WithInvitation(out string code, BrokerOptions? options = null)
    {
        var scene = new Scene(options: options ?? Invited);
        code = Invite(scene, Bob);
        return scene;
    }

    private static string Invite(Scene scene, string address)
    {
        TestPeer admin = scene.User();
        admin.Send(new Manage(new(1), Verb.Request, ObjectKind.Team, "", "invite", [address, "member"]).Write);
        scene.Settle();
        Assert.Equal(MessageKind.Done, admin.Read()[^1].Kind);
        return Seal.CodeOf(scene.Roster.Invitations(scene.Now).Single(one => one.Address == address));
    }

    private static void WithEmail(Scene scene, string user, string email) => scene.Roster.Apply(
        [new Change.PutUser(scene.Roster.FindUser(user)! with { Email = email })]);

    private static Activate Wish(string code) =>
        new(Bob, code, "bobby", "Bob Example", Secret, Team: "", "tests");

    private static Answer Activate(Scene scene, Activate wish, string from = "10.0.0.1:4711") =>
        Say(scene, wish.Write, from);

    private static Answer Ask(Scene scene, string email, string from = "10.0.0.1:4711") =>
        Say(scene, new SignUp(email).Write, from);

    private static Answer Say(Scene scene, Action<TriggerFs.Core.Wire.WireWriter> message, string from)
    {
        TestPeer peer = scene.Join(from);
        peer.Send(message);
        scene.Settle();
        Heard heard = Assert.Single(peer.Read());
        Assert.True(peer.IsDismissed);
        return new(heard.Kind, heard.Refused,
            heard.Kind == MessageKind.Activated ? TriggerFs.Core.Messages.Activated.Read(heard.Message) : null);
    }

    private sealed record Answer(MessageKind Kind, Refused? Refused, Activated? Activated)
    {
        public ErrorCode? Code => Refused?.Code;
    }
}
