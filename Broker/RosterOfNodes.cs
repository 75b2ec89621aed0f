using System.Diagnostics.CodeAnalysis;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that knows the trees.</summary>
sealed partial class Roster
{
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
        if (!_tree.TryFind(id, out Node? node) || node.Trigger is not { } rules) return false;
        Service? service = rules.Service is { } attached ? Service(attached) : null;
        route = new(node, service, Utf8(_tree.PathOf(id).Value), Utf8(service?.Name.Value ?? ""), Utf8(rules.Plugin));
        _routes[id] = route;
        return true;
    }

    /// <summary>A node as a mount shows it.</summary>
    public TreeNode ToTree(Node node)
    {
        TriggerHits hits = Hits.Of(node.Id);
        TriggerRules? rules = node.Trigger;
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
            rules?.Service is { } service ? Service(service)?.Name.Value ?? "" : "",
            rules?.Plugin ?? "",
            rules?.TimeoutMs ?? 0,
            rules?.Messages ?? MessageMode.Write,
            rules?.Synchronous ?? false);
    }

    /// <summary>A team's whole tree, the root first and parents before children.</summary>
    public IEnumerable<TreeNode> Snapshot(TeamId team)
    {
        long created = Team(team).CreatedUnixMs;
        yield return new(NodeId.Root, NodeId.Root, IsDirectory: true, Mode: 0b111_101_101, Name: "", Owner: "",
            Hits: 0, FiredUnixMs: 0, created, created, Service: "", Plugin: "", TimeoutMs: 0, MessageMode.Write,
            Synchronous: false);
        foreach (Node node in _tree.Below(team, NodeId.Root)) yield return ToTree(node);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
