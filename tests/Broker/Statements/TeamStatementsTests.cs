using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class TeamStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void The_own_teams_alone_are_shown()
    {
        Assert.Equal(["team1"], _desk.Column("name", ObjectKind.Team, actor: Desk.Alice));
        _desk.Refused(ErrorCode.NotFound, Desk.Alice, Verb.Show, ObjectKind.Team, "team2");
    }

    [Fact]
    public void A_member_founds_a_team_and_is_its_admin()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Team, "alices");
        Team team = _desk.Roster.FindTeam("alices")!;
        Assert.Equal(Sample.Member, team.Founder);
        Assert.Equal(TeamRole.Admin, _desk.Roster.MembershipOf(team.Id, Sample.Member)!.Role);
        Assert.Equal(["team1", "alices"], _desk.Column("name", ObjectKind.Team, "", "", Desk.Alice));
        Assert.Equal(["team2"], _desk.Column("name", ObjectKind.Team, "", "", Desk.Mallory));
    }

    [Fact]
    public void An_observer_founds_no_team() =>
        _desk.Refused(ErrorCode.NotAllowed, Desk.Eve, Verb.Create, ObjectKind.Team, "eves");

    [Fact]
    public void A_team_needs_a_name_that_no_other_has() =>
        _desk.Refused(ErrorCode.Exists, Desk.Alice, Verb.Create, ObjectKind.Team, "team2");

    [Fact]
    public void Whose_secret_another_one_knows_takes_nobody_along_into_another_team()
    {
        _desk.Roster.Apply([new Change.PutUser(_desk.Roster.User(Sample.Member)! with { SecretIsOwn = false })]);
        TriggerException refusal =
            _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Create, ObjectKind.Team, "alices");
        Assert.Contains("set users alice secret", refusal.Fix);
    }

    [Fact]
    public void Nobody_gets_around_a_plan_by_founding_another_team()
    {
        Plan advanced = Plan.Parse("advanced");
        _desk.Roster.Apply([new Change.PutTeam(_desk.Roster.Team(Sample.Team1) with { Plan = advanced })]);
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Team, "one");
        Assert.Equal(advanced, _desk.Roster.FindTeam("one")!.Plan);
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Team, "two");
        TriggerException refusal =
            _desk.Refused(ErrorCode.TooLarge, Desk.Alice, Verb.Create, ObjectKind.Team, "three");
        Assert.Contains("advanced allows 2", refusal.Why);
    }

    [Fact]
    public void However_large_the_plan_one_user_founds_so_many_teams_and_no_more()
    {
        for (int i = 0; i < Limits.TeamsPerUserMax; i++)
            _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Team, $"team-{i}");
        _desk.Refused(ErrorCode.TooLarge, Desk.Alice, Verb.Create, ObjectKind.Team, "one-more");
    }

    [Fact]
    public void The_version_is_shown() => Assert.Equal(["triggerfs 2.0.0"], _desk.Column("broker", ObjectKind.Version));

    [Fact]
    public void A_long_table_travels_as_messages_within_the_limits()
    {
        string[][] rows = Enumerable.Range(0, 1203)
            .Select(n => new[] { $"{n}", new string('x', n % 3 == 0 ? 30_000 : 10) }).ToArray();
        var table = new Table([new("n", ColumnType.Number), new("text", ColumnType.Text)], rows);
        Listing[] pages = table.Pages(new(7)).ToArray();

        Assert.Equal(rows.Select(row => row[0]), pages.SelectMany(page => page.Rows).Select(row => row[0]));
        Assert.All(pages, page => Assert.InRange(Size(page), 1, Limits.MessageMax));
        Assert.All(pages, page => Assert.InRange(page.Rows.Count, 0, Limits.ListingRowsMax));
        Assert.Equal(Enumerable.Repeat(false, pages.Length - 1).Append(true), pages.Select(page => page.Last));
    }

    [Fact]
    public void An_empty_table_is_one_message() => Assert.True(Assert.Single(new Table([], []).Pages(new(7))).Last);

    [Fact]
    public void A_list_that_does_not_fit_its_cell_says_how_many_are_left()
    {
        string cell = Table.List(Enumerable.Range(0, 100).Select(n => new string('x', 1000)));
        Assert.InRange(cell.Length, 64_000, Limits.CellMax);
        Assert.EndsWith("and 35 more", cell);
    }

    private static int Size(Listing page)
    {
        var wire = new WireWriter();
        page.Write(wire);
        return wire.Written.Length;
    }
}
