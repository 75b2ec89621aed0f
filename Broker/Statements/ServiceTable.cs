using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What <c>show services</c> shows.</summary>
static class ServiceTable
{
    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("name", ColumnType.Text), new("description", ColumnType.Text),
        new("timeout", ColumnType.Duration), new("algorithm", ColumnType.Text), new("triggers", ColumnType.List),
        new("workers", ColumnType.List), new("visibility", ColumnType.Text), new("owner", ColumnType.Text),
        new("created", ColumnType.Time), new("updated", ColumnType.Time),
    ];

    private static readonly Column[] ColumnsOfOne =
    [
        .. Columns, new("retry", ColumnType.Number), new("on-failure", ColumnType.Text), new("rate", ColumnType.Text),
        .. DeliveryCells.Columns, new("keep", ColumnType.List),
    ];

    public static Decision Show(Statement statement)
    {
        ILookup<ServiceId, string> triggers = Triggers(statement);
        if (statement.Name.Length > 0)
        {
            Service one = statement.Service();
            string[] cells =
            [
                .. Cells(statement.Roster, one, triggers), Table.Number(one.Retry), Values.Word(one.OnFailure),
                one.CallRate.ToString(), .. DeliveryCells.OfService(one.Delivery),
                Table.List(one.Keep.Select(static kept => kept.ToString())),
            ];
            return Decision.Show(new(ColumnsOfOne, [cells]));
        }
        return Decision.Show(new(Columns, statement.Roster.Services(statement.Team)
            .Where(service => Permissions.Allow(statement.Actor, Right.See, service))
            .Select(service => Cells(statement.Roster, service, triggers)).ToArray()));
    }

    private static ILookup<ServiceId, string> Triggers(Statement statement) =>
        statement.Roster.Below(statement.Team, NodeId.Root)
            .Where(node => node.Trigger?.Service is not null)
            .ToLookup(node => node.Trigger!.Service!.Value, node => statement.Roster.PathOf(node.Id).Value);

    private static string[] Cells(Roster roster, Service service, ILookup<ServiceId, string> triggers) =>
    [
        Table.Number(service.Id.Value),
        service.Name.Value,
        service.Description,
        Table.Ms(service.TimeoutMs),
        Values.Word(service.Algorithm),
        Table.List(triggers[service.Id]),
        Table.List(service.Workers.Select(worker => roster.Worker(worker)?.Name.Value ?? "")),
        Values.Word(service.Visibility),
        roster.NameOf(service.Owner),
        Table.Ms(service.CreatedUnixMs),
        Table.Ms(service.UpdatedUnixMs),
    ];
}
