using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class PlanStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("free", 1, 2, 1, 3, 2, 1)]
    [InlineData("basic", 1, 25, 5, 26, 9, 5)]
    [InlineData("advanced", 2, 100, 20, 51, 25, 20)]
    public void The_plans_have_the_numbers_of_2018(string name, params int[] numbers)
    {
        Plan plan = Plan.Parse(name);
        int[] found =
            [plan.Teams, plan.Workers, plan.Services, plan.Triggers, plan.Users, plan.PublicServices];
        Assert.Equal(numbers, found);
    }

    [Fact]
    public void A_team_is_unlimited_until_it_is_given_a_plan()
    {
        Assert.Equal(["free", "basic", "advanced", "unlimited"], _desk.Column("name", ObjectKind.Plan));
        Assert.Equal(["", "", "", "yes"], _desk.Column("yours", ObjectKind.Plan));
        Assert.Equal(["2", "25", "100", "unlimited"], _desk.Column("workers", ObjectKind.Plan));
        Assert.Equal(["unlimited"], _desk.Column("plan", ObjectKind.Team, "team1"));
    }

    [Fact]
    public void What_the_plan_does_not_allow_is_refused_with_its_number()
    {
        Set("team1", "free");
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo02");
        TriggerException refusal = _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Worker, "demo03");
        Assert.Equal("the plan of team 'team1' allows 2 workers", refusal.Message);
        Assert.Equal("it has 2; its plan is free", refusal.Why);

        _desk.Do(Verb.Create, ObjectKind.Service, "one");
        _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Service, "two");
        _desk.Do(Verb.Create, ObjectKind.Directory, "/d");
        for (int n = 0; n < 3; n++) _desk.Do(Verb.Create, ObjectKind.Trigger, $"/d/{n}");
        _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Trigger, "/d/3");
        _desk.Do(Verb.Create, ObjectKind.Directory, "/as-many-as-one-likes");
        refusal = _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.User, "zoe", "", "member", "secret-secret");
        Assert.Equal("it has 4; its plan is free", refusal.Why);
    }

    [Fact]
    public void What_is_deleted_makes_room_again()
    {
        Set("team1", "free");
        _desk.Do(Verb.Create, ObjectKind.Service, "one");
        _desk.Do(Verb.Delete, ObjectKind.Service, "one");
        _desk.Do(Verb.Create, ObjectKind.Service, "two");
    }

    [Fact]
    public void Public_services_are_counted_by_themselves()
    {
        foreach (string name in (string[])["one", "two"]) _desk.Do(Verb.Create, ObjectKind.Service, name);
        Set("team1", "free");
        Assert.Contains("team1/one", Publish("one"));
        Publish("one");
        TriggerException refusal =
            _desk.Refused(ErrorCode.TooLarge, Verb.Set, ObjectKind.Service, "two", Properties.Visibility, "public");
        Assert.Contains("1 public services", refusal.Message);
        _desk.Do(Verb.Set, ObjectKind.Service, "one", Properties.Visibility, "team");
        Publish("two");
    }

    [Fact]
    public void A_plan_below_what_is_used_deletes_nothing_and_says_so()
    {
        for (int n = 0; n < 4; n++) _desk.Do(Verb.Create, ObjectKind.Worker, $"w{n}");
        string notice = Set("team1", "free");
        Assert.Contains("workers 4/2", notice);
        Assert.Contains("users 4/2", notice);
        Assert.Contains("nothing is deleted", notice);
        Assert.Equal(4, _desk.Column("id", ObjectKind.Worker).Length);
        Assert.Equal(["4/2"], _desk.Column("workers", ObjectKind.Team, "team1"));
        _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Worker, "w5");
        _desk.Do(Verb.Set, ObjectKind.Worker, "w1", Properties.Description, "still mine to change");
        Assert.Empty(Set("team1", "advanced"));
        Assert.Equal(["4/100"], _desk.Column("workers", ObjectKind.Team, "team1"));
    }

    [Fact]
    public void Only_an_operator_of_the_broker_sets_plans_and_sees_all_teams()
    {
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Set, ObjectKind.Team, "team1", Properties.Plan, "free");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Mallory, Verb.Set, ObjectKind.Team, "team2", Properties.Plan, "free");
        _desk.Refused(ErrorCode.NotFound, Verb.Set, ObjectKind.Team, "team3", Properties.Plan, "free");
        _desk.Refused(ErrorCode.Invalid, Verb.Set, ObjectKind.Team, "team2", Properties.Plan, "gold");
        Set("team2", "basic");
        Assert.Equal(["team1", "team2"], _desk.Column("name", ObjectKind.Team));
        Assert.Equal(["team1"], _desk.Column("name", ObjectKind.Team, actor: Desk.Alice));
        Assert.Equal(["team2"], _desk.Column("name", ObjectKind.Team, actor: Desk.Mallory));
        Assert.Equal(["1/9"], _desk.Column("users", ObjectKind.Team, "team2", actor: Desk.Mallory));
    }

    [Fact]
    public void The_operators_are_the_admins_of_the_first_team()
    {
        Assert.True(Permissions.IsOperator(_desk.Roster, Desk.Admin));
        Assert.False(Permissions.IsOperator(_desk.Roster, Desk.Alice));
        Assert.False(Permissions.IsOperator(_desk.Roster, Desk.Mallory));
    }

    private string Set(string team, string plan) => _desk.Do(Verb.Set, ObjectKind.Team, team, Properties.Plan, plan);

    private string Publish(string service) =>
        _desk.Do(Verb.Set, ObjectKind.Service, service, Properties.Visibility, "public");
}
