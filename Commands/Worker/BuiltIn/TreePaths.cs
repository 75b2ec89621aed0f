using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>The triggers of a team by their paths, as the broker tells them.</summary>
sealed class TreePaths
{
    private readonly Lock _gate = new();
    private Dictionary<NodeId, TreeNode> _nodes = [];

    /// <summary>A snapshot that is not complete yet; null when none is coming.</summary>
    private Dictionary<NodeId, TreeNode>? _fresh;

    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes what is new, changed and gone.</summary>
    public void Take(Tree news)
    {
        lock (_gate)
        {
            if (news.First) _fresh = [];
            Dictionary<NodeId, TreeNode> nodes = _fresh ?? _nodes;
            foreach (NodeId gone in news.Gone) nodes.Remove(gone);
            foreach (TreeNode node in news.Nodes) nodes[node.Id] = node;
            if (!news.Complete || _fresh is null) return;
            (_nodes, _fresh) = (_fresh, null);
        }
        _complete.TrySetResult();
    }

    /// <summary>The trigger of a path, once the tree is known.</summary>
    public async Task<NodeId> FindAsync(string path, CancellationToken stop)
    {
        await _complete.Task.WaitAsync(stop);
        lock (_gate)
        {
            TreeNode? node = _nodes.Values.FirstOrDefault(one => one.Id == one.Parent);
            foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
                node = _nodes.Values.FirstOrDefault(
                    one => one.Parent == node?.Id && one.Id != one.Parent && one.Name == name);
            if (node is { IsDirectory: false }) return node.Id;
        }
        throw new TriggerException(ErrorCode.NotFound, $"there is no trigger '{NameRule.Shown(path)}'",
            "or the user of the worker's settings does not see it", "triggerfs cli -c 'show triggers'");
    }
}
