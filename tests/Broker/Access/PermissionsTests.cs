using TriggerFs.Broker.Access;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Access;

public sealed class PermissionsTests
{
    // One line for each cell: who, and for Local, Team and Public whether S(ee), U(se), C(hange), R(eveal), W(atch) are
    // allowed.
    [Theory]
    [InlineData("Admin", "SUCRW", "SUCRW", "SUCRW")]
    [InlineData("Owner", "SUCRW", "SUCRW", "SUCRW")]
    [InlineData("Member", "", "SU", "SU")]
    [InlineData("Observer", "", "S", "SU")]
    [InlineData("Stranger", "", "", "SU")]
    public void The_table_allows_this_and_denies_all_else(string standing, string local, string team, string everybody)
    {
        foreach (Right right in Enum.GetValues<Right>())
        {
            char letter = right.ToString()[0];
            Standing who = Enum.Parse<Standing>(standing);
            Assert.Equal(local.Contains(letter), Permissions.Allow(who, right, Visibility.Local));
            Assert.Equal(team.Contains(letter), Permissions.Allow(who, right, Visibility.Team));
            Assert.Equal(everybody.Contains(letter), Permissions.Allow(who, right, Visibility.Public));
        }
    }

    // One line for each row of cells: who, and the deeds that are allowed.
    [Theory]
    [InlineData("Observer", "Look KeepAccount")]
    [InlineData("Member", "Look KeepAccount Make Found")]
    [InlineData("Admin", "Look KeepAccount Make Found Lead")]
    [InlineData("Operator", "Look KeepAccount Make Found Lead Operate")]
    public void A_rank_may_do_this_and_nothing_else(string rank, string deeds)
    {
        foreach (Deed deed in Enum.GetValues<Deed>())
            Assert.Equal(deeds.Split(' ').Contains($"{deed}"), Permissions.Allow(Enum.Parse<Rank>(rank), deed));
    }

    [Theory]
    [InlineData("Other", false, false)]
    [InlineData("Self", true, true)]
    [InlineData("Admin", false, true)]
    [InlineData("Operator", true, true)]
    public void A_secret_is_set_by_these_alone(string who, bool whereOwn, bool whereGiven)
    {
        Assert.Equal(whereOwn, Permissions.MaySetSecret(Enum.Parse<Kinship>(who), isOwn: true));
        Assert.Equal(whereGiven, Permissions.MaySetSecret(Enum.Parse<Kinship>(who), isOwn: false));
    }

    private static readonly Actor Admin = new(Sample.Admin, Sample.Team1, TeamRole.Admin);
    private static readonly Actor Member = new(Sample.Member, Sample.Team1, TeamRole.Member);
    private static readonly Actor Observer = new(Sample.Observer, Sample.Team1, TeamRole.Observer);
    private static readonly Actor Stranger = new(Sample.Stranger, Sample.Team2, TeamRole.Admin);

    [Fact]
    public void Admins_of_the_first_team_and_no_other_are_the_operators()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State);
        Assert.Equal(Rank.Operator, Permissions.RankOf(roster, Admin));
        Assert.Equal(Rank.Member, Permissions.RankOf(roster, Member));
        Assert.Equal(Rank.Observer, Permissions.RankOf(roster, Observer));
        Assert.Equal(Rank.Admin, Permissions.RankOf(roster, Stranger));
    }

    [Fact]
    public void An_observer_changes_nothing_not_even_what_he_owns()
    {
        Worker own = Sample.Worker(10, "w", owner: Sample.Observer);
        Assert.True(Permissions.Allow(Observer, Right.See, own));
        Assert.False(Permissions.Allow(Observer, Right.Change, own));
        Assert.False(Permissions.Allow(Observer, Right.Reveal, own));
    }

    [Fact]
    public void A_member_sees_the_teams_workers_and_not_their_tokens()
    {
        Worker worker = Sample.Worker(10, "w");
        Assert.True(Permissions.Allow(Member, Right.See, worker));
        Assert.False(Permissions.Allow(Member, Right.Reveal, worker));
        Assert.False(Permissions.Allow(Member, Right.Use, worker));
        Assert.True(Permissions.Allow(Member, Right.Reveal, worker with { Owner = Sample.Member }));
    }

    [Fact]
    public void An_admin_of_another_team_sees_no_worker_and_no_node_here()
    {
        Assert.False(Permissions.Allow(Stranger, Right.See, Sample.Worker(10, "w")));
        Assert.False(Permissions.Allow(Stranger, Right.See, Sample.Directory(30, "d")));
        Node open = Sample.Trigger(31, "t", 30);
        open = open with { Trigger = open.Trigger! with { Visibility = Visibility.Public } };
        Assert.False(Permissions.Allow(Stranger, Right.Use, open));
    }

    [Fact]
    public void A_stranger_uses_a_public_service_and_changes_it_not()
    {
        Service service = Sample.Service(20, "s") with { Visibility = Visibility.Public };
        Assert.True(Permissions.Allow(Stranger, Right.Use, service));
        Assert.False(Permissions.Allow(Stranger, Right.Change, service));
    }

    [Fact]
    public void A_trigger_reaches_only_what_its_owner_may_use()
    {
        Node trigger = Sample.Trigger(31, "t", 30, service: 20);
        TriggerRules rules = trigger.Trigger! with { Visibility = Visibility.Team };
        trigger = trigger with { Owner = Sample.Member, Trigger = rules };
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Services = [Sample.Service(20, "s")],
            Nodes = [Sample.Directory(30, "d"), trigger],
        });
        Assert.False(Permissions.MayFire(roster, Member, trigger, roster.Service(new(20))));

        roster.Apply([new Change.PutService(Sample.Service(20, "s") with { Owner = Sample.Member })]);
        Service service = roster.Service(new(20))!;
        Assert.True(Permissions.MayFire(roster, Member, trigger, service));
        Assert.True(Permissions.MayFire(roster, new(Sample.Other, Sample.Team1, TeamRole.Member), trigger, service));
        Assert.False(Permissions.MayFire(roster, Observer, trigger, service));
    }
}
