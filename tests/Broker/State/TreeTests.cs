using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.State;

public sealed class TreeTests
{
    [Fact]
    public void Who_watches_gets_the_tree_and_then_each_change()
    {
        var scene = new Scene();
        TestPeer mount = Watching(scene), other = scene.User();
        Tree snapshot = Tree.Read(Assert.Single(mount.Read()).Message);
        Assert.True(snapshot.First && snapshot.Complete);
        Assert.Equal(["", "demo", "loose", "uptime"], snapshot.Nodes.Select(node => node.Name).Order());
        other.Send(new Manage(new(1), Verb.Create, ObjectKind.Directory, "/new", "", []).Write);
        scene.Settle();
        Tree change = Tree.Read(Assert.Single(mount.Read()).Message);
        Assert.False(change.First || change.Complete);
        Assert.Equal("new", Assert.Single(change.Nodes).Name);
        other.Send(new Manage(new(2), Verb.Delete, ObjectKind.Directory, "/new", "", []).Write);
        scene.Settle();
        Assert.Equal(change.Nodes[0].Id, Assert.Single(Tree.Read(Assert.Single(mount.Read()).Message).Gone));
        Assert.All(other.Read(), heard => Assert.Equal(MessageKind.Done, heard.Kind));
    }

    [Fact]
    public void Nothing_of_another_teams_tree_is_told()
    {
        var scene = new Scene();
        TestPeer stranger = scene.User("mallory", "team2", PeerRole.Mount);
        stranger.Send(Watch.Write);
        Assert.Equal(NodeId.Root, Assert.Single(Tree.Read(Assert.Single(stranger.Read()).Message).Nodes).Id);
        TestPeer user = scene.User();
        user.Send(new Manage(new(1), Verb.Create, ObjectKind.Directory, "/new", "", []).Write);
        scene.Settle();
        Assert.Empty(stranger.Read());
    }

    [Fact]
    public void Hits_are_told_a_few_times_a_second_at_the_most()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 100);
        TestPeer mount = Watching(scene);
        mount.Read();
        for (ulong i = 1; i <= 20; i++)
        {
            mount.Fire(i, 32);
            worker.FinishAll();
            scene.Pass(50, mount, worker);
        }
        scene.Pass(300, mount, worker);
        List<Heard> told = mount.Read(MessageKind.Tree);
        Assert.InRange(told.Count, 2, 6);
        Assert.Equal(20ul, Assert.Single(Tree.Read(told[^1].Message).Nodes).Hits);
        Assert.Equal(20, scene.World.Counted.Count);
    }

    [Fact]
    public void A_large_tree_comes_in_parts_as_fast_as_it_is_read()
    {
        StoredState state = Scene.Team();
        var scene = new Scene(state with
        {
            Nodes = [.. state.Nodes, .. Enumerable.Range(0, 1000).Select(i =>
                Sample.Directory((ulong)(1000 + i), $"d{i}"))],
        });
        scene.World.UnsentBytes = Limits.PeerQueueHigh;
        TestPeer mount = Watching(scene);
        Assert.Empty(mount.Read());
        scene.World.UnsentBytes = 0;
        scene.State.Drained(mount.Id, scene.Now);
        Tree[] parts = [.. mount.Read().Select(heard => Tree.Read(heard.Message))];
        Assert.Equal(6, parts.Length);
        Assert.Equal([true, false, false, false, false, false], parts.Select(part => part.First));
        Assert.Equal([false, false, false, false, false, true], parts.Select(part => part.Complete));
        Assert.Equal(1004, parts.Sum(part => part.Nodes.Count));
    }

    private static TestPeer Watching(Scene scene)
    {
        TestPeer mount = scene.User(role: PeerRole.Mount);
        mount.Send(Watch.Write);
        return mount;
    }
}
