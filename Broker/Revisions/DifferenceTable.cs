using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Statements;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Revisions;

/// <summary>What changes would come to, property by property.</summary>
static class DifferenceTable
{
    private static readonly Column[] Columns =
    [
        new("kind", ColumnType.Text), new("name", ColumnType.Text), new("change", ColumnType.Text),
        new("property", ColumnType.Text), new("before", ColumnType.Text), new("after", ColumnType.Text),
    ];

    public static Table Of(AuditedChanges changes) => new(Columns, [.. changes.Things.SelectMany(Rows)]);

    private static IEnumerable<string[]> Rows(AuditedThing thing)
    {
        string change = thing.Before is null ? "made" : thing.After is null ? "removed" : "changed";
        IReadOnlyDictionary<string, string> nothing = new Dictionary<string, string>();
        (IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =
            (thing.Before ?? nothing, thing.After ?? nothing);
        foreach (string property in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
            yield return
            [
                thing.Kind, thing.Name, change, property, before.GetValueOrDefault(property, ""),
                after.GetValueOrDefault(property, ""),
            ];
    }
}
