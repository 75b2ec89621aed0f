using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class InvitationStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_user_of_another_team_is_invited_and_accepts()
    {
        Invite("mallory", "observer");
        Invitation invitation = Only();
        Letter letter = Assert.Single(_desk.Roster.LettersOf(Sample.Stranger));
        Assert.Equal($"hp invites you into team team1 as observer: request invitation {invitation.Id.Value} accept "
            + "(or decline)", letter.Text);
        Assert.Null(letter.Team);

        Assert.Contains("team team1", Answer(Desk.Mallory, "accept", invitation));
        Assert.Equal(TeamRole.Observer, _desk.Roster.MembershipOf(Sample.Team1, Sample.Stranger)!.Role);
        Assert.Equal(TeamRole.Admin, _desk.Roster.MembershipOf(Sample.Team2, Sample.Stranger)!.Role);
        Assert.Empty(_desk.Roster.Invitations(Sample.Now));
        Assert.Contains("mallory accepted", Assert.Single(_desk.Roster.LettersOf(Sample.Admin)).Text);
    }

    [Fact]
    public void An_invitation_reads_the_same_whether_its_user_exists_or_not()
    {
        string there = Invite("mallory", "member"), nowhere = Invite("nobody9", "member");
        Assert.Equal(there.Replace("mallory", "nobody9"), nowhere);
        string[] shown = [.. Rows(Desk.Admin).Select(row => string.Join(' ', row[1], row[2], row[3], row[4]))];
        Assert.Equal(["mallory team1 member hp", "nobody9 team1 member hp"], shown);
        _desk.Do(Desk.Mallory, Verb.Create, ObjectKind.Directory, "/d");
        _desk.Roster.Apply(
            [new Change.DropMembership(Sample.Team2, Sample.Stranger), new Change.DropUser(Sample.Stranger)]);
        Assert.Equal(2, Rows(Desk.Admin).Length);
    }

    [Fact]
    public void An_invitation_is_answered_by_whom_it_is_for_and_by_nobody_else()
    {
        Invite("mallory", "admin");
        Invitation invitation = Only();
        foreach (var who in new[] { Desk.Admin, Desk.Alice, Desk.Eve })
        {
            _desk.Refused(ErrorCode.NotFound, who, Verb.Request, ObjectKind.Invitation, Id(invitation), "accept");
            _desk.Refused(ErrorCode.NotFound, who, Verb.Request, ObjectKind.Invitation, Id(invitation), "decline");
        }
        Assert.Empty(Rows(Desk.Alice));
        Assert.Single(Rows(Desk.Mallory));
        Answer(Desk.Mallory, "decline", invitation);
        Assert.Null(_desk.Roster.MembershipOf(Sample.Team1, Sample.Stranger));
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(invitation), "accept");
        Assert.Contains("mallory declined", Assert.Single(_desk.Roster.LettersOf(Sample.Admin)).Text);
    }

    [Fact]
    public void An_admin_takes_back_what_the_own_team_sent_and_no_other()
    {
        Invite("mallory", "member");
        Invitation invitation = Only();
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(invitation),
            "withdraw");
        _desk.Do(Verb.Request, ObjectKind.Invitation, Id(invitation), "withdraw");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(invitation), "accept");
    }

    [Fact]
    public void Members_and_observers_invite_nobody()
    {
        foreach (var who in new[] { Desk.Alice, Desk.Eve })
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Request, ObjectKind.Team, "", "invite", "mallory", "admin");
    }

    [Fact]
    public void Nobody_is_invited_twice_nor_into_a_team_that_he_is_in()
    {
        Invite("mallory", "member");
        _desk.Refused(ErrorCode.Exists, Verb.Request, ObjectKind.Team, "", "invite", "mallory", "member");
        _desk.Refused(ErrorCode.Exists, Verb.Request, ObjectKind.Team, "", "invite", "bob", "member");
        _desk.Refused(ErrorCode.Invalid, Verb.Request, ObjectKind.Team, "", "invite", "bob@", "member");
        _desk.Refused(ErrorCode.Invalid, Verb.Request, ObjectKind.Team, "", "invite", "zoe", "king");
    }

    [Fact]
    public void An_invitation_that_is_too_old_is_gone()
    {
        Invite("mallory", "member");
        Invitation invitation = Only();
        _desk.Now = Sample.Now with { UnixMs = invitation.ExpiresUnixMs };
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(invitation), "accept");
        Assert.Empty(Rows(Desk.Mallory));
        Assert.Empty(Rows(Desk.Admin));
        Invite("mallory", "member");
        Assert.Same(invitation, Assert.Single(_desk.Roster.ExpiredInvitations(_desk.Now)));
    }

    [Fact]
    public void Whose_secret_another_one_knows_comes_into_no_other_team()
    {
        Invite("mallory", "admin");
        _desk.Roster.Apply([new Change.PutUser(_desk.Roster.User(Sample.Stranger)! with { SecretIsOwn = false })]);
        _desk.Refused(ErrorCode.NotAllowed, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(Only()), "accept");
    }

    [Fact]
    public void A_full_team_takes_nobody()
    {
        Invite("mallory", "admin");
        _desk.Roster.Apply(
            [new Change.PutTeam(_desk.Roster.Team(Sample.Team1) with { Plan = Plan.Parse("free") })]);
        _desk.Refused(ErrorCode.TooLarge, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(Only()), "accept");
        _desk.Refused(ErrorCode.TooLarge, Verb.Request, ObjectKind.Team, "", "invite", "zoe", "member");
    }

    [Fact]
    public void Without_mail_an_admin_sees_the_code_for_an_address_and_whoever_has_it_accepts()
    {
        string notice = Invite("zoe@example.com", "member");
        Invitation invitation = Only();
        string code = _desk.Seal.CodeOf(invitation);
        Assert.Contains(code, notice);
        Assert.Equal([code], _desk.Column("code", ObjectKind.Signup));
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Show, ObjectKind.Signup, "");
        Assert.Empty(_desk.Column("code", ObjectKind.Signup, "", "", Desk.Mallory));

        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, Id(invitation), "accept");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, "", "accept");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Request, ObjectKind.Invitation, "", "accept",
            "AAAA-AAAA-AAAA");
        _desk.Do(Desk.Mallory, Verb.Request, ObjectKind.Invitation, "", "accept", code.ToLowerInvariant());
        Assert.NotNull(_desk.Roster.MembershipOf(Sample.Team1, Sample.Stranger));
    }

    [Fact]
    public void With_mail_the_code_goes_by_it_and_nobody_else_sees_it()
    {
        using var desk = new Desk(options: BrokerOptions.Default with
        {
            CanMail = true,
            Address = "tcp://broker.example.com:5555",
            Key = "the-key",
        });
        var decision = desk.Decide(
            Desk.Admin, Verb.Request, ObjectKind.Team, "", "invite", "Zoe@Example.com", "member");
        desk.Roster.Apply(decision.Changes);
        string code = desk.Seal.CodeOf(desk.Roster.Invitations(Sample.Now).Single());
        Assert.DoesNotContain(code, decision.Notice);
        Assert.Equal("zoe@example.com", decision.Mail!.To);
        Assert.Contains("hp invites you into team team1 as member.", decision.Mail.Text);
        Assert.Contains($"--broker tcp://broker.example.com:5555 --brokerkey 'the-key' --email zoe@example.com "
            + $"--code {code}", decision.Mail.Text);
        Assert.DoesNotContain(code, $"{decision.Mail} {decision.Mail.Subject}");
        Assert.Equal(["mailed"], desk.Column("code", ObjectKind.Signup));
    }

    [Fact]
    public void Codes_of_two_invitations_and_of_two_brokers_differ()
    {
        Invite("zoe@example.com", "member");
        Invitation invitation = Only();
        string code = _desk.Seal.CodeOf(invitation);
        Assert.Matches("^[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}$", code);
        Assert.NotEqual(code, _desk.Seal.CodeOf(invitation with { Id = new(99) }));
        using var other = new TokenSeal([.. Enumerable.Repeat((byte)7, TokenSeal.KeySize)]);
        Assert.NotEqual(code, other.CodeOf(invitation));
        Assert.False(_desk.Seal.IsCodeOf(invitation, new string('A', 100_000)));
    }

    [Fact]
    public void Whoever_leads_no_longer_leaves_no_invitations_behind()
    {
        foreach ((string property, string value) in new[] { ("role", "member"), ("disabled", "true") })
        {
            _desk.Do(Verb.Set, ObjectKind.User, "alice", "role", "admin");
            _desk.Do(Desk.Alice with { Role = TeamRole.Admin }, Verb.Request, ObjectKind.Team, "", "invite", "zoe",
                "admin");
            Assert.Single(_desk.Roster.Invitations(Sample.Now));
            _desk.Do(Verb.Set, ObjectKind.User, "alice", property, value);
            Assert.Empty(_desk.Roster.Invitations(Sample.Now));
        }
    }

    [Fact]
    public void Whoever_leaves_a_team_gives_what_is_his_to_an_heir_and_stays_in_another_team()
    {
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Request, ObjectKind.Team, "", "leave");
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Member, TeamRole.Member))]);
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Service, "web");
        TriggerException refusal =
            _desk.Refused(ErrorCode.NotEmpty, Desk.Alice, Verb.Request, ObjectKind.Team, "", "leave");
        Assert.Equal("request team leave heir NAME", refusal.Fix);
        _desk.Do(Desk.Alice, Verb.Request, ObjectKind.Team, "", "leave", "bob");
        Assert.Null(_desk.Roster.MembershipOf(Sample.Team1, Sample.Member));
        Assert.Equal(["bob"], _desk.Column("owner", ObjectKind.Service));
        Assert.Empty(_desk.Roster.LettersOf(Sample.Member));
    }

    [Fact]
    public void The_only_admin_does_not_leave()
    {
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Admin, TeamRole.Member))]);
        _desk.Refused(ErrorCode.NotAllowed, Verb.Request, ObjectKind.Team, "", "leave");
    }

    [Fact]
    public void Who_was_taken_out_of_a_team_reads_it_in_the_others()
    {
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Member, TeamRole.Member))]);
        _desk.Do(Verb.Delete, ObjectKind.User, "alice");
        Assert.Equal("you are not in team team1 any more", Assert.Single(_desk.Roster.LettersOf(Sample.Member)).Text);
    }

    private static string Id(Invitation invitation) => $"{invitation.Id.Value}";

    private string Invite(string who, string role) =>
        _desk.Do(Verb.Request, ObjectKind.Team, "", "invite", who, role);

    private string Answer(Actor who, string property, Invitation invitation) =>
        _desk.Do(who, Verb.Request, ObjectKind.Invitation, Id(invitation), property);

    private Invitation Only() => Assert.Single(_desk.Roster.Invitations(_desk.Now));

    private string[][] Rows(Actor who) =>
        [.. _desk.Decide(who, Verb.Show, ObjectKind.Invitation, "", "").Rows!.Rows];
}
