using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>What takes a change of a configuration back, found before it is applied.</summary>
static class Undo
{
    /// <summary>The changes, in order, that bring everything back to how the roster has it.</summary>
    public static Change[] Of(Roster roster, Change change) => change switch
    {
        Change.PutWorker(var worker) =>
            [roster.Worker(worker.Id) is { } was ? new Change.PutWorker(was) : new Change.DropWorker(worker.Id)],
        Change.DropWorker(var id) when roster.Worker(id) is { } was =>
            [new Change.PutWorker(was), .. roster.ServicesOf(id).Select(service => new Change.PutService(service))],
        Change.PutService(var service) =>
            [roster.Service(service.Id) is { } was ? new Change.PutService(was) : new Change.DropService(service.Id)],
        Change.DropService(var id) when roster.Service(id) is { } was =>
            [new Change.PutService(was), .. roster.TriggersOf(id).Select(node => new Change.PutNode(node))],
        Change.PutNode(var node) =>
            [roster.Node(node.Id) is { } was ? new Change.PutNode(was) : new Change.DropNode(node.Id)],
        Change.DropNode(var id) when roster.Node(id) is { } was => [new Change.PutNode(was)],
        _ => [],
    };

    /// <summary>The team whose configuration the change is of; null for a change of anything else.</summary>
    public static TeamId? TeamOf(Roster roster, Change change) => change switch
    {
        Change.PutWorker(var worker) => worker.Team,
        Change.DropWorker(var id) => roster.Worker(id)?.Team,
        Change.PutService(var service) => service.Team,
        Change.DropService(var id) => roster.Service(id)?.Team,
        Change.PutNode(var node) => node.Team,
        Change.DropNode(var id) => roster.Node(id)?.Team,
        _ => null,
    };

    /// <summary>Bytes that a change takes, more or less.</summary>
    public static int SizeOf(Change change) => change switch
    {
        Change.PutWorker(var worker) => 200 + worker.Description.Length + worker.SealedToken.Length,
        Change.PutService(var service) => 300 + service.Description.Length + (8 * service.Workers.Length)
            + service.Keep.Sum(static kept => kept.Text.Length),
        Change.PutNode(var node) => 300 + node.Name.Length + (node.Trigger?.Description.Length ?? 0),
        _ => 24,
    };
}
