using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class UserStatementsTests : IDisposable
{
    private const string Hash = "what is stored of the secret";

    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void The_users_of_the_own_team_are_shown_with_their_roles()
    {
        Assert.Equal(["hp", "alice", "bob", "eve"], _desk.Column("identity", ObjectKind.User));
        Assert.Equal(["admin", "member", "member", "observer"], _desk.Column("role", ObjectKind.User));
        Assert.Equal(["mallory"], _desk.Column("identity", ObjectKind.User, "", "", Desk.Mallory));
    }

    [Fact]
    public void A_user_of_another_team_is_not_there()
    {
        _desk.Refused(ErrorCode.NotFound, Verb.Show, ObjectKind.User, "mallory");
        foreach ((Verb verb, string property, string[] values) in OnUsers)
        {
            TriggerException there = _desk.Refused(ErrorCode.NotFound, verb, ObjectKind.User, "mallory", property,
                values);
            TriggerException nowhere = _desk.Refused(ErrorCode.NotFound, verb, ObjectKind.User, "nobody9", property,
                values);
            Assert.Equal(nowhere.Report().Replace("nobody9", "mallory"), there.Report());
        }
    }

    [Fact]
    public void An_address_is_shown_to_its_owner_and_to_admins_alone()
    {
        User alice = _desk.Roster.User(Sample.Member)!;
        _desk.Roster.Apply([new Change.PutUser(alice with { Email = "alice@example.com" })]);
        Assert.Equal(["", "alice@example.com", "", ""], _desk.Column("email", ObjectKind.User));
        Assert.Equal(["alice@example.com"], _desk.Column("email", ObjectKind.User, "alice", "", Desk.Alice));
        Assert.Equal([""], _desk.Column("email", ObjectKind.User, "alice", "", Desk.Bob));
    }

    [Fact]
    public void An_admin_makes_a_user_who_did_not_choose_the_secret()
    {
        Create("carol", "observer");
        User carol = _desk.Roster.FindUser("carol")!;
        Assert.Equal((Hash, false, false), (carol.SecretHash, carol.SecretIsOwn, carol.Disabled));
        Assert.Equal(TeamRole.Observer, _desk.Roster.MembershipOf(Sample.Team1, carol.Id)!.Role);
    }

    [Theory]
    [InlineData("bob", "in the team already")]
    [InlineData("mallory", "not free")]
    public void An_identity_is_given_once_for_the_whole_broker(string name, string why) =>
        Assert.Contains(why, _desk.Refused(
            ErrorCode.Exists, Verb.Create, ObjectKind.User, name, "", "member", "secret").Message);

    [Fact]
    public void Who_leads_nobody_neither_makes_nor_changes_nor_removes_users()
    {
        foreach (var who in new[] { Desk.Alice, Desk.Eve })
        {
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Create, ObjectKind.User, "carol", "", "member", "secret");
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Set, ObjectKind.User, "bob", "role", "observer");
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Set, ObjectKind.User, "bob", "disabled", "true");
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Delete, ObjectKind.User, "bob");
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Set, ObjectKind.User, "bob", "secret", "secret", "own");
        }
    }

    [Fact]
    public void Everybody_sets_the_own_secret_with_the_one_before_it()
    {
        foreach (var who in new[] { Desk.Admin, Desk.Alice, Desk.Eve })
        {
            User before = _desk.Roster.User(who.User)!;
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Set, ObjectKind.User, before.Name.Value, "secret", "new");
            SetSecret(who, before.Name.Value, "new", "old");
            User after = _desk.Roster.User(who.User)!;
            Assert.Equal((Hash, true), (after.SecretHash, after.SecretIsOwn));
            Assert.NotEqual(before.Generation, after.Generation);
        }
    }

    [Fact]
    public void An_admin_of_a_team_sets_a_secret_only_until_its_user_has_chosen_one()
    {
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Member, TeamRole.Member))]);
        _desk.Refused(ErrorCode.NotAllowed, Desk.Mallory, Verb.Set, ObjectKind.User, "alice", "secret", "new");

        _desk.Roster.Apply([new Change.PutUser(_desk.Roster.User(Sample.Member)! with { SecretIsOwn = false })]);
        SetSecret(Desk.Mallory, "alice", "new");
        Assert.False(_desk.Roster.User(Sample.Member)!.SecretIsOwn);
    }

    [Fact]
    public void An_operator_sets_the_secret_of_a_user_who_forgot_it()
    {
        SetSecret(Desk.Admin, "alice", "new");
        Assert.False(_desk.Roster.User(Sample.Member)!.SecretIsOwn);
    }

    [Fact]
    public void A_role_and_being_disabled_are_of_one_team_and_not_of_another()
    {
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Member, TeamRole.Member))]);
        _desk.Do(Verb.Set, ObjectKind.User, "alice", "role", "observer");
        _desk.Do(Verb.Set, ObjectKind.User, "alice", "disabled", "true");
        Membership here = _desk.Roster.MembershipOf(Sample.Team1, Sample.Member)!;
        Assert.Equal((TeamRole.Observer, true), (here.Role, here.Disabled));
        Assert.NotEqual(0, here.Generation);
        Assert.Null(_desk.Roster.OpenMembershipOf(Sample.Team1, Sample.Member));
        Assert.Equal(new(Sample.Team2, Sample.Member, TeamRole.Member),
            _desk.Roster.OpenMembershipOf(Sample.Team2, Sample.Member));
        Assert.Equal(["active", "disabled", "active", "active"], _desk.Column("state", ObjectKind.User));
    }

    [Fact]
    public void A_change_to_what_is_so_already_ends_nobodys_sessions()
    {
        Assert.Empty(_desk.Decide(Desk.Admin, Verb.Set, ObjectKind.User, "alice", "role", "member").Changes);
        Assert.Empty(_desk.Decide(Desk.Admin, Verb.Set, ObjectKind.User, "alice", "disabled", "false").Changes);
    }

    [Fact]
    public void The_only_admin_who_can_act_stays_one()
    {
        _desk.Refused(ErrorCode.NotAllowed, Verb.Set, ObjectKind.User, "hp", "role", "member");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Set, ObjectKind.User, "hp", "disabled", "true");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Delete, ObjectKind.User, "hp");
        _desk.Do(Verb.Set, ObjectKind.User, "alice", "role", "admin");
        _desk.Do(Verb.Set, ObjectKind.User, "alice", "disabled", "true");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Delete, ObjectKind.User, "hp");
        _desk.Do(Verb.Set, ObjectKind.User, "alice", "disabled", "false");
        _desk.Do(Verb.Delete, ObjectKind.User, "hp");
        Assert.Null(_desk.Roster.MembershipOf(Sample.Team1, Sample.Admin));
    }

    [Fact]
    public void What_a_deleted_user_owned_goes_to_an_heir_or_the_user_stays()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Worker, "demo01");
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Service, "web");
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Directory, "/alices");
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Trigger, "/alices/one");
        TriggerException refusal = _desk.Refused(ErrorCode.NotEmpty, Verb.Delete, ObjectKind.User, "alice");
        Assert.Contains("1 workers, 1 services, 2 triggers and directories", refusal.Message);
        Assert.NotNull(_desk.Roster.FindUser("alice"));

        _desk.Do(Verb.Delete, ObjectKind.User, "alice", "", "bob");
        Assert.Null(_desk.Roster.FindUser("alice"));
        Assert.Equal(Sample.Other, _desk.Roster.FindWorker(Sample.Team1, "demo01")!.Owner);
        Assert.Equal(["bob"], _desk.Column("owner", ObjectKind.Service));
        Assert.Equal(["bob"], _desk.Column("owner", ObjectKind.Trigger));
        Assert.Equal(["bob"], _desk.Column("owner", ObjectKind.Directory));
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("eve")]
    [InlineData("mallory")]
    [InlineData("nobody")]
    public void An_heir_is_another_user_of_the_team_who_makes_things(string heir)
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Directory, "/alices");
        Assert.ThrowsAny<TriggerException>(
            () => _desk.Decide(Desk.Admin, Verb.Delete, ObjectKind.User, "alice", "", heir));
    }

    [Fact]
    public void An_account_outlives_a_team_and_goes_with_its_last_one()
    {
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Member, TeamRole.Member))]);
        _desk.Do(Verb.Delete, ObjectKind.User, "alice");
        Assert.NotNull(_desk.Roster.FindUser("alice"));
        _desk.Refused(ErrorCode.NotFound, Verb.Show, ObjectKind.User, "alice");
        _desk.Do(Desk.Mallory, Verb.Delete, ObjectKind.User, "alice");
        Assert.Null(_desk.Roster.FindUser("alice"));
    }

    [Fact]
    public void The_secret_in_a_statement_is_known_by_its_row_and_by_no_guess()
    {
        Assert.Equal(("new", null), SecretIn(Verb.Create, "", "member", "new"));
        Assert.Equal(("new", "old"), SecretIn(Verb.Set, "secret", "new", "old"));
        Assert.Null(SecretIn(Verb.Set, "role", "admin"));
        Assert.Null(SecretIn(Verb.Set, "nonsense", "admin"));
    }

    private static (string New, string? Current)? SecretIn(Verb verb, string property, params string[] values) =>
        TriggerFs.Broker.Statements.Registrar.SecretIn(
            new(new(1), verb, ObjectKind.User, "alice", property, values));

    private static IEnumerable<(Verb Verb, string Property, string[] Values)> OnUsers =>
    [
        (Verb.Set, "secret", ["new"]), (Verb.Set, "role", ["admin"]), (Verb.Set, "disabled", ["true"]),
        (Verb.Delete, "", []), (Verb.Delete, "", ["bob"]),
    ];

    private void Create(string name, string role) =>
        _desk.Roster.Apply(_desk.Decide(
            Desk.Admin, Verb.Create, ObjectKind.User, name, "", [role, "secret"], Hash).Changes);

    private void SetSecret(TriggerFs.Broker.Access.Actor who, string name, params string[] secrets) =>
        _desk.Roster.Apply(_desk.Decide(who, Verb.Set, ObjectKind.User, name, "secret", secrets, Hash).Changes);
}
