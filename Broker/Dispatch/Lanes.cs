using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// The lanes of the services that were used, and the desks of their workers. Made when first asked for.
/// </summary>
sealed class Lanes(Roster roster, UnreadRuns unread)
{
    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly Dictionary<WorkerId, WorkerDesk> _desks = [];

    /// <summary>What all workers have yet to read.</summary>
    public UnreadRuns Unread => unread;

    public IEnumerable<Lane> All => _lanes.Values;

    public IEnumerable<WorkerDesk> Desks => _desks.Values;

    /// <summary>The lane of a service as it is now.</summary>
    public Lane Of(Service service)
    {
        if (!_lanes.TryGetValue(KeyOf(service), out Lane? lane)) _lanes[KeyOf(service)] = lane = Open(service);
        if (!ReferenceEquals(lane.Service, service)) lane.Become(service, Desk);
        return lane;
    }

    /// <summary>Whether the service was ever used.</summary>
    public bool Has(Service service) => _lanes.ContainsKey(KeyOf(service));

    /// <summary>Forgets the lane of a service that is gone; returns it.</summary>
    public Lane? Drop(ServiceId service)
    {
        if (!_lanes.Remove(service.Value, out Lane? lane)) return null;
        lane.Close();
        return lane;
    }

    /// <summary>The desk of a worker; null when there is no such worker.</summary>
    public WorkerDesk? Desk(WorkerId id)
    {
        if (_desks.TryGetValue(id, out WorkerDesk? desk)) return desk;
        if (roster.Worker(id) is not { } worker) return null;
        return _desks[id] = new(id, worker.Name.Value, unread);
    }

    /// <summary>The desk of a worker, if it was ever asked for.</summary>
    public WorkerDesk? Find(WorkerId id) => _desks.GetValueOrDefault(id);

    /// <summary>Forgets a worker that is gone: its desk and the lane of its identity, which is returned.</summary>
    public Lane? Drop(WorkerId id)
    {
        if (_desks.Remove(id, out WorkerDesk? desk))
        {
            // Lanes that still have the seat look again when they are used: the service was changed, too.
            foreach (Seat seat in desk.Seats) seat.IsAnnounced = false;
        }
        if (!_lanes.Remove(-id.Value, out Lane? lane)) return null;
        lane.Close();
        return lane;
    }

    /// <summary>
    /// A list of plugins as it was told, or the same one of another worker: most have what others have.
    /// </summary>
    public IReadOnlyList<OfferedPlugin> Shared(IReadOnlyList<OfferedPlugin> plugins)
    {
        foreach (WorkerDesk desk in _desks.Values)
            if (desk.Plugins.Count == plugins.Count && desk.Plugins.SequenceEqual(plugins)) return desk.Plugins;
        return plugins;
    }

    private Lane Open(Service service)
    {
        var lane = new Lane(service);
        lane.Become(service, Desk);
        return lane;
    }

    // A worker's identity is a service with number 0: the worker's own number, negative, tells them apart.
    private static long KeyOf(Service service) =>
        service.Id.Value != 0 ? service.Id.Value : -service.Workers[0].Value;
}
