using System.Collections.Immutable;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that changes.</summary>
sealed partial class Roster
{
    /// <summary>Takes over what the store has; tells what others must hear of.</summary>
    public RosterDelta Apply(IReadOnlyList<Change> changes)
    {
        var delta = new RosterDelta();
        foreach (Change change in changes) Apply(change, delta);
        _routes.Clear();
        return delta;
    }

    private void Apply(Change change, RosterDelta delta)
    {
        switch (change)
        {
            case Change.PutTeam put: PutTeam(put.Team); break;
            case Change.PutUser put: PutUser(put.User, delta); break;
            case Change.DropUser drop: DropUser(drop.User, delta); break;
            case Change.PutMembership put: PutMembership(put.Membership, delta); break;
            case Change.DropMembership drop: DropMembership(drop.Team, drop.User, delta); break;
            case Change.PutDeadLetter put: PutDeadLetter(put.Letter); break;
            case Change.DropDeadLetter drop: DropDeadLetter(drop.Id); break;
            case Change.PutMessage or Change.DropMessage: break; // The queue has it.
            case Change.PutLetter put: PutLetter(put.Letter); break;
            case Change.DropLetter drop: DropLetter(drop.To, drop.Letter); break;
            case Change.PutInvitation put: PutInvitation(put.Invitation); break;
            case Change.DropInvitation drop: DropInvitation(drop.Invitation); break;
            case Change.PutWorker put: PutWorker(put.Worker); break;
            case Change.DropWorker drop: DropWorker(drop.Worker, delta); break;
            case Change.PutService put: PutService(put.Service, delta); break;
            case Change.DropService drop: DropService(drop.Service, delta); break;
            case Change.PutNode put: PutNode(put.Node, delta); break;
            case Change.DropNode drop: DropNode(drop.Node, delta); break;
            case Change.ClearHits clear: ClearHits(clear.Trigger, delta); break;
            case Change.TouchDirectory touch: Touch(touch, delta); break;
            case Change.PutRevision put: Revisions.Put(put.Revision); break;
            case Change.DropRevision drop: Revisions.Drop(drop.Team, drop.Number); break;
            default: throw new ArgumentOutOfRangeException(nameof(change), change, "no rule for this change");
        }
    }

    private void PutWorker(Worker worker)
    {
        Used(worker.Id.Value);
        if (_workers.TryGetValue(worker.Id.Value, out Worker? before)) _names.Drop(before.Team, before.Name.Value);
        _workers[worker.Id.Value] = worker;
        _names.Put(OfOne(worker));
    }

    private void DropWorker(WorkerId id, RosterDelta delta)
    {
        if (!_workers.Remove(id.Value, out Worker? worker)) return;
        foreach (Service service in ServicesOf(id).ToArray())
            PutService(service with { Workers = service.Workers.Remove(id) }, delta);
        _servicesOf.Remove(id);
        _names.Drop(worker.Team, worker.Name.Value);
        delta.Reassigned.Remove(id.Value);
        delta.DroppedWorkers.Add(id);
    }

    private void PutService(Service service, RosterDelta delta)
    {
        Used(service.Id.Value);
        ImmutableArray<WorkerId> before = [];
        bool renamed = false, looksDifferent = false;
        if (_services.TryGetValue(service.Id.Value, out Service? old))
        {
            renamed = old.Name != service.Name;
            looksDifferent = renamed || old.Visibility != service.Visibility || old.Owner != service.Owner;
            before = old.Workers;
            Unlink(old);
        }
        _services[service.Id.Value] = service;
        _names.Put(service);
        foreach (WorkerId worker in service.Workers) Attached(worker).Add(service.Id.Value);
        IEnumerable<WorkerId> changed = renamed ? before.Union(service.Workers)
            : before.Except(service.Workers).Union(service.Workers.Except(before));
        delta.Reassigned.UnionWith(changed.Select(worker => worker.Value));
        if (looksDifferent) delta.Nodes.AddRange(TriggersOf(service.Id));
        delta.Services.Add(service);
    }

    private void DropService(ServiceId id, RosterDelta delta)
    {
        if (!_services.TryGetValue(id.Value, out Service? service)) return;
        foreach (Node node in TriggersOf(id).ToArray())
            PutNode(node with { Trigger = node.Trigger! with { Service = null } }, delta);
        Unlink(service);
        _services.Remove(id.Value);
        delta.Reassigned.UnionWith(service.Workers.Select(worker => worker.Value));
        delta.DroppedServices.Add(id);
    }

    private void Unlink(Service service)
    {
        _names.Drop(service.Team, service.Name.Value);
        foreach (WorkerId worker in service.Workers) Attached(worker).Remove(service.Id.Value);
    }

    private SortedSet<long> Attached(WorkerId worker)
    {
        if (!_servicesOf.TryGetValue(worker, out SortedSet<long>? services)) _servicesOf[worker] = services = [];
        return services;
    }

    private void PutNode(Node node, RosterDelta delta)
    {
        Used((long)node.Id.Value);
        _tree.Put(node);
        delta.Nodes.Add(node);
    }

    private void DropNode(NodeId id, RosterDelta delta)
    {
        if (!_tree.Drop(id, out Node? node)) return;
        Hits.Drop(id);
        delta.Gone.Add((node.Team, id));
    }

    private void Touch(Change.TouchDirectory touch, RosterDelta delta)
    {
        if (Node(touch.Directory) is { } node)
        {
            PutNode(node with { UpdatedUnixMs = touch.UnixMs }, delta);
        }
        else if (touch.Directory == NodeId.Root)
        {
            _rootsChangedMs[touch.Team] = touch.UnixMs;
            delta.Roots.Add(touch.Team);
        }
    }

    private void ClearHits(NodeId id, RosterDelta delta)
    {
        Hits.Clear(id);
        if (Node(id) is { } node) delta.Nodes.Add(node);
    }

    private void Used(long id) => _lastId = Math.Max(_lastId, id);

    /// <summary>
    /// The service of one that a worker's identity is: for its owner and the admins, as new services are.
    /// </summary>
    private static Service OfOne(Worker worker) => new(
        new(0),
        worker.Team,
        new(worker.Name.Value),
        worker.Description,
        Algorithm.RoundRobin,
        OnFailure.Continue,
        TimeoutMs: 0,
        Retry: 0,
        Visibility.Local,
        worker.Owner,
        ImmutableArray.Create(worker.Id),
        worker.CreatedUnixMs,
        worker.UpdatedUnixMs);
}
