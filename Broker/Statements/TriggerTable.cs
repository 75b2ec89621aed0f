using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What <c>show triggers</c> shows: all, those of a name, those in a directory, or the one at a path.
/// </summary>
static class TriggerTable
{
    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("name", ColumnType.Text), new("path", ColumnType.Text),
        new("description", ColumnType.Text), new("plugin", ColumnType.Text), new("service", ColumnType.Text),
        new("timeout", ColumnType.Duration), new("hits", ColumnType.Number), new("owner", ColumnType.Text),
        new("visibility", ColumnType.Text), new("created", ColumnType.Time), new("updated", ColumnType.Time),
    ];

    private static readonly Column[] ColumnsOfOne =
    [
        .. Columns, new("message", ColumnType.Text), new("mode", ColumnType.Text), new("retry", ColumnType.Number),
        new("permissions", ColumnType.Text), new("fired", ColumnType.Time), new("limit", ColumnType.Size),
        .. DeliveryCells.Columns, new("on-full", ColumnType.Text),
    ];

    public static Decision Show(Statement statement)
    {
        if (statement.Name.Length > 0 && (!statement.Name.StartsWith('/') || IsTrigger(statement)))
            return ShowNamed(statement);
        return Decision.Show(new(Columns, In(statement).Where(node => node.Trigger is not null)
            .Select(node => Cells(statement.Roster, node)).ToArray()));
    }

    private static bool IsTrigger(Statement statement) =>
        statement.Name != "/" && statement.At(statement.Name).Trigger is not null;

    private static IEnumerable<Node> In(Statement statement) => statement.Name.Length == 0
        ? statement.Roster.Below(statement.Team, NodeId.Root)
        : statement.Roster.Children(statement.Team, Places.DirectoryAt(statement, TriggerPath.Parse(statement.Name)));

    private static Decision ShowNamed(Statement statement)
    {
        Node[] found = statement.Name.StartsWith('/')
            ? [statement.At(statement.Name)] : statement.TriggersNamed(statement.Name);
        if (found.Length == 0) throw Statement.Missing("trigger", statement.Name, "show triggers");
        return Decision.Show(new(ColumnsOfOne, found.Select(node => CellsOfOne(statement.Roster, node)).ToArray()));
    }

    private static string[] Cells(Roster roster, Node node)
    {
        TriggerRules rules = node.Trigger!;
        return
        [
            Table.Number(node.Id.Value),
            node.Name,
            roster.PathOf(node.Id).Value,
            rules.Description,
            rules.Plugin,
            rules.Service is { } service ? roster.Service(service)?.Name.Value ?? "" : "",
            Table.Ms(rules.TimeoutMs),
            Table.Number(roster.Hits.Of(node.Id).Count),
            roster.NameOf(node.Owner),
            Values.Word(rules.Visibility),
            Table.Ms(node.CreatedUnixMs),
            Table.Ms(node.UpdatedUnixMs),
        ];
    }

    private static string[] CellsOfOne(Roster roster, Node node) =>
    [
        .. Cells(roster, node),
        Values.Word(node.Trigger!.Messages),
        Values.Mode(node.Trigger.Synchronous),
        Table.Number(node.Trigger.Retry),
        Values.Octal(node.Mode),
        Table.Ms(roster.Hits.Of(node.Id).FiredUnixMs),
        Table.Number((ulong)node.Trigger.Limit),
        .. DeliveryCells.OfTrigger(node.Trigger.Delivery),
    ];
}
