using TriggerFs.Broker.Access;
using TriggerFs.Broker.Queue;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What <c>show queue</c> shows: a row for each trigger, and each service, whose messages have no answer yet. Who sees
/// the trigger, or the service, sees the row.
/// </summary>
static class QueueTable
{
    private static readonly Column[] Columns =
    [
        new("trigger", ColumnType.Text), new("service", ColumnType.Text), new("waiting", ColumnType.Number),
        new("running", ColumnType.Number), new("size", ColumnType.Size), new("oldest", ColumnType.Time),
        new("waits-for", ColumnType.Text), new("next-attempt", ColumnType.Time),
    ];

    public static Table Of(Roster roster, Actor actor, IEnumerable<TriggerBacklog> backlogs) => new(Columns,
        [.. backlogs.Where(backlog => MaySee(roster, actor, backlog)).Select(backlog => Cells(roster, backlog))
            .OrderBy(static cells => cells[0], StringComparer.Ordinal)
            .ThenBy(static cells => cells[1], StringComparer.Ordinal)]);

    private static bool MaySee(Roster roster, Actor actor, TriggerBacklog backlog) =>
        roster.Node(backlog.Trigger) is { } node ? Permissions.Allow(actor, Right.See, node)
            : backlog.Service is { } service && Permissions.Allow(actor, Right.See, service);

    private static string[] Cells(Roster roster, TriggerBacklog backlog) =>
    [
        roster.Node(backlog.Trigger) is { } node ? roster.PathOf(node.Id).Value : "",
        backlog.Service?.Name.Value ?? "",
        Table.Number(backlog.Waiting),
        Table.Number(backlog.Running),
        Table.Number(backlog.Bytes),
        Table.Ms(backlog.OldestUnixMs),
        backlog.WaitsFor,
        Table.Ms(backlog.DueUnixMs),
    ];
}
