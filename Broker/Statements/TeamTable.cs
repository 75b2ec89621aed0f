using TriggerFs.Broker.Access;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What <c>show teams</c> shows: the teams in which the asker is, for an operator of the broker all; of one, how much
/// it has of what its plan allows.
/// </summary>
static class TeamTable
{
    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("name", ColumnType.Text), new("role", ColumnType.Text),
        new("plan", ColumnType.Text), new("created", ColumnType.Time),
    ];

    private static readonly Column[] ColumnsOfOne =
        [.. Columns, .. Quota.OfTeam.Select(quota => new Column(quota.What, ColumnType.Text))];

    public static Decision Show(Statement statement)
    {
        bool sees = Permissions.IsOperator(statement.Roster, statement.Actor);
        (Team Team, Membership? Place)[] teams = [.. statement.Roster.Teams
            .Select(team => (team, statement.Roster.MembershipOf(team.Id, statement.Actor.User)))
            .Where(pair => sees || pair.Item2 is { Disabled: false })];
        if (statement.Name.Length == 0)
            return Decision.Show(new(Columns, [.. teams.Select(pair => Cells(pair.Team, pair.Place))]));
        (Team Team, Membership? Place) one = teams.FirstOrDefault(pair => pair.Team.Name.Value == statement.Name);
        if (one.Team is not { } found) throw Statement.Missing("team", statement.Name, "show teams");
        string[] used = [.. Quota.OfTeam.Select(quota => quota.Shown(statement.Roster, found))];
        return Decision.Show(new(ColumnsOfOne, [[.. Cells(found, one.Place), .. used]]));
    }

    private static string[] Cells(Team team, Membership? place) =>
    [
        Table.Number(team.Id.Value),
        team.Name.Value,
        place is null ? "" : Values.Word(place.Role),
        team.Plan.Name,
        Table.Ms(team.CreatedUnixMs),
    ];
}
