using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>How messages are delivered, as cells of a table.</summary>
static class DeliveryCells
{
    /// <summary>All properties, those of triggers alone at the end.</summary>
    public static readonly string[] Properties =
    [
        Core.Messages.Properties.Backoff, Core.Messages.Properties.Ttl, Core.Messages.Properties.Priority,
        Core.Messages.Properties.MaxInflight, Core.Messages.Properties.OnBusy, Core.Messages.Properties.Unique,
        Core.Messages.Properties.OnFull,
    ];

    public static readonly Column[] Columns =
    [
        new("backoff", ColumnType.Text), new("ttl", ColumnType.Duration), new("priority", ColumnType.Number),
        new("max-inflight", ColumnType.Number), new("on-busy", ColumnType.Text), new("unique", ColumnType.Text),
    ];

    /// <summary>What holds, whether somebody set it or not; the ttl of the broker's settings is empty.</summary>
    public static IEnumerable<string> OfService(Delivery set) => Cells(set with
    {
        Backoff = set.BackoffOrDefault,
        Priority = set.PriorityOrDefault,
        OnBusy = set.OnBusyOrDefault,
        Unique = set.Unique ?? false,
    }).SkipLast(1);

    /// <summary>What is set; the rest is the service's.</summary>
    public static IEnumerable<string> OfTrigger(Delivery set) => Cells(set);

    private static IEnumerable<string> Cells(Delivery delivery)
    {
        Dictionary<string, string> settings = delivery.Settings.ToDictionary();
        return Properties.Select(property => settings.GetValueOrDefault(property, ""));
    }
}
