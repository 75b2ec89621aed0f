using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What <c>show users</c> shows.</summary>
static class UserTable
{
    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("identity", ColumnType.Text), new("name", ColumnType.Text),
        new("email", ColumnType.Text), new("role", ColumnType.Text), new("state", ColumnType.Text),
        new("created", ColumnType.Time), new("updated", ColumnType.Time),
    ];

    /// <summary>The users of the asker's team; nobody else is visible.</summary>
    public static Decision Show(Statement statement)
    {
        IEnumerable<Membership> places = statement.Name.Length == 0
            ? statement.Roster.MembershipsIn(statement.Team) : [statement.Place()];
        return Decision.Show(new(Columns, places.Select(place => Cells(statement, place)).ToArray()));
    }

    private static string[] Cells(Statement statement, Membership place)
    {
        User user = statement.Roster.User(place.User)!;
        bool mayWrite = statement.Actor.Role == TeamRole.Admin || statement.Actor.User == user.Id;
        return
        [
            Table.Number(user.Id.Value),
            user.Name.Value,
            user.FullName,
            mayWrite ? user.Email : "",
            Values.Word(place.Role),
            place.Disabled || user.Disabled ? "disabled" : "active",
            Table.Ms(user.CreatedUnixMs),
            Table.Ms(user.UpdatedUnixMs),
        ];
    }
}
