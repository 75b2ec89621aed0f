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
        Assert.Equal(["", "new"], change.Nodes.Select(node => node.Name));
        Assert.Equal(scene.Now.UnixMs, change.Nodes[0].ChangedUnixMs);
        other.Send(new Manage(new(2), Verb.Delete, ObjectKind.Directory, "/new", "", []).Write);
        scene.Settle();
        Assert.Equal(change.Nodes[1].Id, Assert.Single(Tree.Read(Assert.Single(mount.Read()).Message).Gone));
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
    public void A_directory_changes_when_something_comes_into_it_or_goes()
    {
        var scene = new Scene();
        TestPeer mount = Watching(scene), user = scene.User();
        Assert.Equal(("/demo", 1L), Directory(scene, "demo"));
        Told(mount);
        Do(scene, user, Verb.Create, ObjectKind.Trigger, "/demo/new");
        Assert.Equal(("/demo", scene.Now.UnixMs), Directory(scene, "demo"));
        Assert.Equal(["demo", "new"], Told(mount).Select(node => node.Name).Order());
        scene.Pass(1000, mount, user);
        Do(scene, user, Verb.Delete, ObjectKind.Trigger, "/demo/new");
        Assert.Equal(("/demo", scene.Now.UnixMs), Directory(scene, "demo"));
        scene.Pass(1000, mount, user);
        Do(scene, user, Verb.Create, ObjectKind.Directory, "/other");
        Do(scene, user, Verb.Rename, ObjectKind.Node, "/demo/uptime", "", "/other");
        Assert.Equal(("/demo", scene.Now.UnixMs), Directory(scene, "demo"));
        Assert.Equal(("/other", scene.Now.UnixMs), Directory(scene, "other"));
        Told(mount);
        scene.Pass(1000, mount, user);
        Do(scene, user, Verb.Rename, ObjectKind.Directory, "/other", "", "/demo");
        TreeNode root = Told(mount).Single(node => node.Id == NodeId.Root);
        Assert.Equal(scene.Now.UnixMs, root.ChangedUnixMs);
    }

    [Fact]
    public void Each_session_hears_which_triggers_it_may_use_and_when_that_changes()
    {
        StoredState state = Scene.Team();
        Node hers = Sample.Trigger(34, "hers", 31, service: 21) with { Owner = Sample.Member };
        var scene = new Scene(state with { Nodes = [.. state.Nodes, hers], LastId = 100 });
        TestPeer admin = Watching(scene), alice = Watching(scene, "alice");
        // Hers is attached to a service that she may not use: it lends nobody what she may not do.
        Assert.Equal([false, true, true], Told(admin).Where(node => !node.IsDirectory).Select(node => node.Usable));
        Assert.Equal([false, false, false], Told(alice).Where(node => !node.IsDirectory).Select(node => node.Usable));
        Do(scene, admin, Verb.Set, ObjectKind.Trigger, "uptime", "visibility", "team");
        Assert.Equal([("uptime", true)], Told(alice).Select(node => (node.Name, node.Usable)));
        Do(scene, admin, Verb.Set, ObjectKind.Service, "dc1", "visibility", "team");
        Assert.Equal(
            [("hers", true), ("uptime", true)], Told(alice).Select(node => (node.Name, node.Usable)).Order());
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

    private static void Do(
        Scene scene, TestPeer user, Verb verb, ObjectKind kind, string name, string property = "",
        params string[] values)
    {
        user.Send(new Manage(new(1), verb, kind, name, property, values).Write);
        scene.Settle();
    }

    private static List<TreeNode> Told(TestPeer mount) =>
        [.. mount.Read(MessageKind.Tree).SelectMany(heard => Tree.Read(heard.Message).Nodes)];

    private static (string Path, long ChangedMs) Directory(Scene scene, string name)
    {
        Node node = scene.Roster.Below(Sample.Team1, NodeId.Root).Single(node => node.Name == name);
        return (scene.Roster.PathOf(node.Id).Value, node.UpdatedUnixMs);
    }

    private static TestPeer Watching(Scene scene, string name = "hp")
    {
        TestPeer mount = scene.User(name, role: PeerRole.Mount);
        mount.Send(Watch.Write);
        return mount;
    }
}
