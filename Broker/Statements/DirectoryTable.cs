using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What <c>show directories</c> shows: all of them, or what is in one, triggers included.</summary>
static class DirectoryTable
{
    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("path", ColumnType.Text), new("type", ColumnType.Text),
        new("permissions", ColumnType.Text), new("entries", ColumnType.Number), new("owner", ColumnType.Text),
        new("created", ColumnType.Time), new("updated", ColumnType.Time),
    ];

    public static Decision Show(Statement statement) =>
        Decision.Show(new(Columns, Nodes(statement).Select(node => Cells(statement, node)).ToArray()));

    private static IEnumerable<Node> Nodes(Statement statement)
    {
        if (statement.Name.Length == 0)
            return statement.Roster.Below(statement.Team, NodeId.Root).Where(node => node.Trigger is null);
        TriggerPath path = TriggerPath.Parse(statement.Name);
        if (path != TriggerPath.Root && statement.At(statement.Name) is { Trigger: not null } trigger) return [trigger];
        return statement.Roster.Children(statement.Team, Places.DirectoryAt(statement, path));
    }

    private static string[] Cells(Statement statement, Node node) =>
    [
        Table.Number(node.Id.Value),
        statement.Roster.PathOf(node.Id).Value,
        node.Trigger is null ? "directory" : "trigger",
        Values.Octal(node.Mode),
        node.Trigger is null ? Table.Number(statement.Roster.Children(statement.Team, node.Id).Count) : "",
        statement.Roster.NameOf(node.Owner),
        Table.Ms(node.CreatedUnixMs),
        Table.Ms(node.UpdatedUnixMs),
    ];
}
