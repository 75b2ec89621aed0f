using TriggerFs.Broker.Dispatch;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Statements;

/// <summary>The plugins of workers as rows: one for those that say the same, with the workers that have it.</summary>
static class PluginTable
{
    private static readonly Column[] Columns =
    [
        new("name", ColumnType.Text), new("version", ColumnType.Text), new("contract", ColumnType.Text),
        new("description", ColumnType.Text), new("problem", ColumnType.Text), new("workers", ColumnType.List),
    ];

    public static Table Of(IReadOnlyList<WorkerDesk> desks)
    {
        var workers = new Dictionary<OfferedPlugin, List<string>>();
        foreach (WorkerDesk desk in desks.OrderBy(desk => desk.Name, StringComparer.Ordinal))
            foreach (OfferedPlugin plugin in desk.Plugins)
            {
                if (!workers.TryGetValue(plugin, out List<string>? names)) workers.Add(plugin, names = []);
                names.Add(desk.Name);
            }
        return new(Columns,
        [
            .. workers.OrderBy(one => one.Key.Name, StringComparer.Ordinal).Select(one => Row(one.Key, one.Value)),
        ]);
    }

    private static string[] Row(OfferedPlugin plugin, List<string> workers) =>
    [
        plugin.Name, plugin.Version, plugin.Contract, plugin.Description, plugin.Problem, Table.List(workers),
    ];
}
