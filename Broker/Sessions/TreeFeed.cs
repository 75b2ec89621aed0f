using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// Keeps those who watch the tree up to date: a snapshot when they ask, then every change, and hits a few times a
/// second. A watcher that reads slowly gets the next part when it has taken those before.
/// </summary>
sealed class TreeFeed(Surroundings around, Peers peers, UserSessions users)
{
    private readonly List<TriggerHits> _hits = [];
    private readonly HashSet<NodeId> _fired = [];
    private long _pushedMs;

    /// <summary>Sends the whole tree of the session's team, and from then on its changes.</summary>
    public void Watch(UserSession session)
    {
        session.IsWatching = true;
        session.TreeWaiting.Clear();
        TreeNode[] nodes = [.. around.Roster.Snapshot(session.Actor)];
        for (int at = 0; at < nodes.Length; at += Tree.NodesMax)
        {
            int count = Math.Min(Tree.NodesMax, nodes.Length - at);
            bool isLast = at + count == nodes.Length;
            session.TreeWaiting.Enqueue(new(First: at == 0, Complete: isLast, [],
                new ArraySegment<TreeNode>(nodes, at, count)));
        }
        Drain(session);
    }

    /// <summary>Sends parts that wait, as far as the connection takes them.</summary>
    public void Drain(UserSession session)
    {
        while (session.Peer is { } peer && session.TreeWaiting.Count > 0
            && around.Effects.Unsent(peer.Id) < Limits.PeerQueueHigh)
        {
            session.TreeWaiting.Dequeue().Write(around.Wire);
            peers.Send(peer);
        }
    }

    /// <summary>
    /// Tells of nodes that are new, changed or gone. Where somebody's rights may have changed, what triggers may be
    /// used may be another matter: those who watch get the whole tree again.
    /// </summary>
    public void Changed(RosterDelta delta)
    {
        foreach (UserSession session in users.All)
        {
            if (!session.IsWatching) continue;
            TeamId team = session.Team.Id;
            if (delta.Users.Exists(user => around.Roster.MembershipOf(team, user) is not null)) Watch(session);
            else Tell(session, [.. delta.Gone.Where(one => one.Team == team).Select(one => one.Node)],
                NodesOf(delta, session));
        }
    }

    /// <summary>Hands what was counted to the store, and to watchers when it is time.</summary>
    public void Tick()
    {
        around.Roster.Hits.Take(_hits);
        if (_hits.Count > 0)
        {
            around.Effects.CountHits(_hits);
            foreach (TriggerHits hits in _hits) _fired.Add(hits.Trigger);
            _hits.Clear();
        }
        if (_fired.Count == 0 || around.NowMs - _pushedMs < Limits.HitsPushMin.TotalMilliseconds) return;
        _pushedMs = around.NowMs;
        foreach (UserSession session in users.All)
            if (session.IsWatching) Tell(session, [], FiredOf(session));
        _fired.Clear();
    }

    private TreeNode[] NodesOf(RosterDelta delta, UserSession session)
    {
        IEnumerable<TreeNode> nodes = delta.Nodes.Where(node => node.Team == session.Team.Id)
            .Select(node => around.Roster.ToTree(node, session.Actor));
        return delta.Roots.Contains(session.Team.Id) ? [around.Roster.Root(session.Team.Id), .. nodes] : [.. nodes];
    }

    private TreeNode[] FiredOf(UserSession session)
    {
        var nodes = new List<TreeNode>();
        foreach (NodeId id in _fired)
            if (around.Roster.Node(id) is { } node && node.Team == session.Team.Id)
                nodes.Add(around.Roster.ToTree(node, session.Actor));
        return [.. nodes];
    }

    private void Tell(UserSession session, NodeId[] gone, TreeNode[] nodes)
    {
        for (int at = 0; at < Math.Max(gone.Length, nodes.Length); at += Tree.NodesMax)
            session.TreeWaiting.Enqueue(new(First: false, Complete: false, Part(gone, at), Part(nodes, at)));
        Drain(session);
    }

    private static IReadOnlyList<T> Part<T>(T[] all, int at) =>
        at >= all.Length ? Array.Empty<T>() : new ArraySegment<T>(all, at, Math.Min(Tree.NodesMax, all.Length - at));
}
