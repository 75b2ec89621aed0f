using System.Diagnostics.CodeAnalysis;
using System.Text;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Queue;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that knows the trees.</summary>
sealed partial class Roster
{
    /// <summary>When something came into a team's root last, or went, since the broker started.</summary>
    private readonly Dictionary<TeamId, long> _rootsChangedMs = [];

    /// <summary>A node of any team; null for none and for the root, which is not stored.</summary>
    public Node? Node(NodeId id) => _tree.TryFind(id, out Node? node) ? node : null;

    /// <summary>The nodes in a directory, by name.</summary>
    public IReadOnlyCollection<Node> Children(TeamId team, NodeId directory) => _tree.Children(team, directory);

    public Node? Child(TeamId team, NodeId directory, string name) => _tree.Child(team, directory, name);

    /// <summary>All below a directory, parents before children.</summary>
    public IEnumerable<Node> Below(TeamId team, NodeId directory) => _tree.Below(team, directory);

    public int CountNodes(TeamId team) => _tree.Count(team);

    /// <summary>The node at a place; null for none and for the root.</summary>
    public Node? Find(TeamId team, TriggerPath path) => _tree.At(team, path);

    public TriggerPath PathOf(NodeId id) => _tree.PathOf(id);

    /// <summary>The largest message, all included, that a user of the team may send.</summary>
    public int MessageMax(TeamId team) =>
        _tree.LimitMax(team) > Limits.PayloadMax ? Limits.LargeMessageMax : Limits.MessageMax;

    public IEnumerable<Node> TriggersOf(ServiceId service)
    {
        if (!_services.TryGetValue(service.Value, out Service? found)) yield break;
        foreach (Node node in _tree.Below(found.Team, NodeId.Root))
            if (node.Trigger?.Service == service) yield return node;
    }

    /// <summary>
    /// A trigger as the hot path needs it; false for none and for a directory. Allocates on the first call only.
    /// </summary>
    public bool TryFindRoute(NodeId id, [NotNullWhen(true)] out TriggerRoute? route)
    {
        if (_routes.TryGetValue(id, out route)) return true;
        if (Posted.ServiceOf(id) is { } posted)
        {
            if (!_services.TryGetValue(posted.Value, out Service? later)) return false;
            _routes[id] = route = new(Posted.NodeOf(later), later, [], Utf8(later.Name.Value), Utf8("posted"));
            return true;
        }
        if (!_tree.TryFind(id, out Node? node) || node.Trigger is not { } rules) return false;
        Service? service = rules.Service is { } attached ? Service(attached) : null;
        route = new(node, service, Utf8(_tree.PathOf(id).Value), Utf8(service?.Name.Value ?? ""), Utf8(rules.Plugin));
        _routes[id] = route;
        return true;
    }

    /// <summary>A node as the mount of somebody shows it.</summary>
    public TreeNode ToTree(Node node, Actor reader)
    {
        TriggerHits hits = Hits.Of(node.Id);
        TriggerRules? rules = node.Trigger;
        Service? service = rules?.Service is { } attached ? Service(attached) : null;
        return new(
            node.Id,
            node.Parent,
            IsDirectory: rules is null,
            node.Mode,
            node.Name,
            NameOf(node.Owner),
            hits.Count,
            hits.FiredUnixMs,
            node.CreatedUnixMs,
            node.UpdatedUnixMs,
            service?.Name.Value ?? "",
            rules?.Plugin ?? "",
            rules?.TimeoutMs ?? 0,
            rules?.Messages ?? MessageMode.Write,
            rules?.Synchronous ?? false,
            rules?.Visibility ?? Visibility.Local,
            (byte)(rules?.Retry ?? 0),
            rules?.Description ?? "",
            Usable: rules is null || Permissions.MayFire(this, reader, node, service),
            (uint)(rules?.Limit ?? 0),
            rules?.Delivery ?? default);
    }

    /// <summary>The whole tree of somebody's team, the root first and parents before children.</summary>
    public IEnumerable<TreeNode> Snapshot(Actor reader)
    {
        yield return Root(reader.Team);
        foreach (Node node in _tree.Below(reader.Team, NodeId.Root)) yield return ToTree(node, reader);
    }

    /// <summary>A team's root. It is not stored, so what is known at the start is when its children changed.</summary>
    public TreeNode Root(TeamId team)
    {
        long createdMs = Team(team).CreatedUnixMs;
        long changedMs = _rootsChangedMs.GetValueOrDefault(team, createdMs);
        foreach (Node node in Children(team, NodeId.Root)) changedMs = Math.Max(changedMs, node.UpdatedUnixMs);
        return new(
            NodeId.Root, NodeId.Root, IsDirectory: true, Mode: 0b111_101_101, Name: "", Owner: "", Hits: 0,
            FiredUnixMs: 0, createdMs, changedMs, Service: "", Plugin: "", TimeoutMs: 0, MessageMode.Write,
            Synchronous: false, Visibility.Local, Retry: 0, Description: "", Usable: true, Limit: 0);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
