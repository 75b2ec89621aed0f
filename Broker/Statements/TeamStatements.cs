using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about teams.</summary>
static class TeamStatements
{
    public static readonly Row[] Rows = [new(Verb.Show, ObjectKind.Team, "", 0, 0, Show)];

    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("name", ColumnType.Text), new("role", ColumnType.Text),
        new("created", ColumnType.Time),
    ];

    /// <summary>The teams that let the asker in; no other is visible.</summary>
    private static Decision Show(Statement statement)
    {
        string[][] rows = statement.Roster.MembershipsOf(statement.Actor.User).Where(place => !place.Disabled)
            .Select(place => (place.Role, Team: statement.Roster.Team(place.Team)))
            .Where(pair => statement.Name.Length == 0 || pair.Team.Name.Value == statement.Name)
            .Select(pair => Cells(pair.Team, pair.Role)).ToArray();
        return rows.Length > 0 || statement.Name.Length == 0
            ? Decision.Show(new(Columns, rows))
            : throw Statement.Missing("team", statement.Name, "show teams");
    }

    private static string[] Cells(Team team, TeamRole role) =>
        [Table.Number(team.Id.Value), team.Name.Value, Values.Word(role), Table.Ms(team.CreatedUnixMs)];
}
