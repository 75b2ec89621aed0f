using System.Diagnostics.CodeAnalysis;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>Every team's directories and triggers: by number, by place, and in a fixed order.</summary>
sealed class RosterTree
{
    private static readonly SortedDictionary<string, Node> Nothing = new(StringComparer.Ordinal);

    private readonly Dictionary<NodeId, Node> _nodes = [];
    private readonly Dictionary<(TeamId Team, NodeId Directory), SortedDictionary<string, Node>> _children = [];
    private readonly Dictionary<TeamId, int> _counts = [];
    private readonly Dictionary<TeamId, int> _limits = [];

    public bool TryFind(NodeId id, [NotNullWhen(true)] out Node? node) => _nodes.TryGetValue(id, out node);

    /// <summary>The nodes in a directory of a team, by name; none for what is not a directory.</summary>
    public IReadOnlyCollection<Node> Children(TeamId team, NodeId directory) => In(team, directory).Values;

    public Node? Child(TeamId team, NodeId directory, string name) => In(team, directory).GetValueOrDefault(name);

    /// <summary>How many nodes a team has.</summary>
    public int Count(TeamId team) => _counts.GetValueOrDefault(team);

    /// <summary>
    /// The highest limit of a message that a trigger of the team has or had: what was allowed may be on its way still.
    /// </summary>
    public int LimitMax(TeamId team) => _limits.GetValueOrDefault(team);

    /// <summary>The node at a place; null for none and for the root, which is not a node.</summary>
    public Node? At(TeamId team, TriggerPath path)
    {
        Node? node = null;
        NodeId directory = NodeId.Root;
        foreach (string part in path.Value.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            node = Child(team, directory, part);
            if (node is null) return null;
            directory = node.Id;
        }
        return node;
    }

    /// <summary>Where a node is; the root for the root and for what is not there.</summary>
    public TriggerPath PathOf(NodeId id)
    {
        var path = new StringBuilder();
        while (_nodes.TryGetValue(id, out Node? node))
        {
            path.Insert(0, node.Name).Insert(0, '/');
            id = node.Parent;
        }
        return path.Length == 0 ? TriggerPath.Root : new(path.ToString());
    }

    /// <summary>All below a directory, parents before children, each directory by name.</summary>
    public IEnumerable<Node> Below(TeamId team, NodeId directory)
    {
        foreach (Node node in In(team, directory).Values)
        {
            yield return node;
            if (node.Trigger is not null) continue;
            foreach (Node deeper in Below(team, node.Id)) yield return deeper;
        }
    }

    public void Put(Node node)
    {
        if (_nodes.TryGetValue(node.Id, out Node? before)) Unlink(before);
        else _counts[node.Team] = Count(node.Team) + 1;
        _nodes[node.Id] = node;
        if (node.Trigger is { } rules) _limits[node.Team] = Math.Max(LimitMax(node.Team), rules.Limit);
        if (!_children.TryGetValue((node.Team, node.Parent), out SortedDictionary<string, Node>? siblings))
            _children[(node.Team, node.Parent)] = siblings = new(StringComparer.Ordinal);
        siblings[node.Name] = node;
    }

    public bool Drop(NodeId id, [NotNullWhen(true)] out Node? node)
    {
        if (!_nodes.Remove(id, out node)) return false;
        _counts[node.Team]--;
        Unlink(node);
        return true;
    }

    private void Unlink(Node node)
    {
        SortedDictionary<string, Node> siblings = _children[(node.Team, node.Parent)];
        siblings.Remove(node.Name);
        if (siblings.Count == 0) _children.Remove((node.Team, node.Parent));
    }

    private SortedDictionary<string, Node> In(TeamId team, NodeId directory) =>
        _children.GetValueOrDefault((team, directory), Nothing);
}
