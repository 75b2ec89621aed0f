using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about users and teams, and about the broker itself.</summary>
static class PeopleStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.User, "", 0, 0, ShowUsers),
        new(Verb.Show, ObjectKind.Team, "", 0, 0, ShowTeams),
        new(Verb.Show, ObjectKind.Version, "", 0, 0, ShowVersion),
    ];

    private static readonly Column[] UserColumns =
    [
        new("id", ColumnType.Number), new("identity", ColumnType.Text), new("role", ColumnType.Text),
        new("state", ColumnType.Text), new("created", ColumnType.Time), new("updated", ColumnType.Time),
    ];

    private static readonly Column[] TeamColumns =
    [
        new("id", ColumnType.Number), new("name", ColumnType.Text), new("role", ColumnType.Text),
        new("created", ColumnType.Time),
    ];

    /// <summary>The users of the asker's team; nobody else is visible.</summary>
    private static Decision ShowUsers(Statement statement)
    {
        string[][] rows = statement.Roster.Memberships.Where(membership => membership.Team == statement.Team)
            .Select(membership => (membership.Role, User: statement.Roster.User(membership.User)!))
            .Where(pair => statement.Name.Length == 0 || pair.User.Name.Value == statement.Name)
            .Select(pair => Cells(pair.User, pair.Role)).ToArray();
        return rows.Length > 0 || statement.Name.Length == 0
            ? Decision.Show(new(UserColumns, rows))
            : throw Statement.Missing("user", statement.Name, "show users");
    }

    private static string[] Cells(User user, TeamRole role) =>
    [
        Table.Number(user.Id.Value),
        user.Name.Value,
        Word(role),
        user.Disabled ? "disabled" : "active",
        Table.Ms(user.CreatedUnixMs),
        Table.Ms(user.UpdatedUnixMs),
    ];

    /// <summary>The teams in which the asker is.</summary>
    private static Decision ShowTeams(Statement statement)
    {
        string[][] rows = statement.Roster.Memberships.Where(membership => membership.User == statement.Actor.User)
            .Select(membership => (membership.Role, Team: statement.Roster.Team(membership.Team)))
            .Where(pair => statement.Name.Length == 0 || pair.Team.Name.Value == statement.Name)
            .Select(pair => Cells(pair.Team, pair.Role)).ToArray();
        return rows.Length > 0 || statement.Name.Length == 0
            ? Decision.Show(new(TeamColumns, rows))
            : throw Statement.Missing("team", statement.Name, "show teams");
    }

    private static string[] Cells(Team team, TeamRole role) =>
        [Table.Number(team.Id.Value), team.Name.Value, Word(role), Table.Ms(team.CreatedUnixMs)];

    private static Decision ShowVersion(Statement statement) => Decision.Show(new(
        [new("broker", ColumnType.Text), new("wire", ColumnType.Number)],
        [[statement.Office.Software, Table.Number(MessageCodec.Version)]]));

    private static string Word(TeamRole role) => role.ToString().ToLowerInvariant();
}
