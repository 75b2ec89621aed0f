using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Tests.Fs;

public sealed class TreeTests
{
    private readonly TriggerTree _tree = new();

    public TreeTests() => _tree.Apply(Nodes.Snapshot(
        Nodes.Directory(2, 1, "a"), Nodes.Directory(3, 1, "b"), Nodes.Trigger(4, 2, "t"), Nodes.Trigger(5, 2, "u")));

    [Fact]
    public void A_path_leads_from_the_root_to_the_entry()
    {
        byte[] path = new byte[64];
        Assert.Equal("/a/t", Encoding.UTF8.GetString(path, 0, _tree.WritePath(new(4), path)));
        Assert.Equal(0, _tree.WritePath(new(99), path));
        Assert.Equal(0, _tree.WritePath(new(4), new byte[3]));
    }

    [Fact]
    public void A_new_snapshot_takes_away_what_it_does_not_have()
    {
        _tree.Apply(new(true, false, [], [Nodes.Directory(2, 1, "a")]));
        Assert.NotNull(Find("/a/t")); // Not before it is complete.
        _tree.Apply(new(false, true, [], [Nodes.Trigger(5, 2, "u")]));
        Assert.Null(Find("/a/t"));
        Assert.Null(Find("/b"));
        Assert.Equal(3, _tree.Count);
    }

    [Fact]
    public void Two_that_swap_their_names_in_one_message_are_both_found()
    {
        _tree.Apply(Nodes.Changed(Nodes.Trigger(4, 2, "u"), Nodes.Trigger(5, 2, "t")));
        Assert.Equal(5ul, Find("/a/t")!.Id.Value);
        Assert.Equal(4ul, Find("/a/u")!.Id.Value);
    }

    [Fact]
    public void A_directory_moves_with_what_is_in_it()
    {
        _tree.Apply(Nodes.Changed(Nodes.Directory(2, 3, "moved")));
        Assert.Equal(4ul, Find("/b/moved/t")!.Id.Value);
        Assert.Null(Find("/a"));
        Assert.Equal((1, 1), (_tree.Root.Subdirectories, _tree.Find(3)!.Subdirectories));
    }

    [Fact]
    public void A_directory_that_goes_takes_what_is_in_it_along()
    {
        _tree.Apply(Nodes.Gone(2));
        Assert.Equal(2, _tree.Count);
    }

    [Fact]
    public void What_a_broken_broker_says_of_loops_and_orphans_changes_nothing()
    {
        _tree.Apply(Nodes.Changed(Nodes.Trigger(9, 77, "orphan"), Nodes.Trigger(9, 4, "below a trigger")));
        _tree.Apply(Nodes.Changed(Nodes.Directory(2, 2, "a")));
        _tree.Apply(Nodes.Gone(1, 1234));
        _tree.Apply(Nodes.Changed(Nodes.Trigger(1, 1, "no root")));
        Assert.Equal(5, _tree.Count);
        Assert.NotNull(Find("/a/t"));
    }

    [Fact]
    public void Who_waits_for_the_tree_is_called_once_it_is_so()
    {
        int called = 0;
        Assert.False(_tree.When(() => Find("/a/new") is not null, () => called++));
        _tree.Apply(Nodes.Changed(Nodes.Trigger(6, 2, "other")));
        Assert.Equal(0, called);
        _tree.Apply(Nodes.Changed(Nodes.Trigger(7, 2, "new")));
        _tree.Apply(Nodes.Changed(Nodes.Trigger(7, 2, "new", hits: 1)));
        Assert.Equal(1, called);
        Assert.True(_tree.When(() => true, () => called++));
        Assert.Equal(2, called);
    }

    [Fact]
    public void The_watcher_hears_what_the_kernel_may_have_in_a_cache_and_nothing_else()
    {
        var heard = new Heard();
        _tree.Watch(heard);
        _tree.Apply(Nodes.Changed(Nodes.Trigger(4, 2, "t", hits: 1)));
        Assert.Empty(heard.Said); // The kernel was never given it.
        _tree.Lookup(_tree.Root, "a"u8, remember: true);
        _tree.Lookup(_tree.Find(2)!, "t"u8, remember: true);
        _tree.Apply(Nodes.Changed(Nodes.Trigger(4, 2, "t", hits: 2)));
        Assert.Equal(["attributes 4"], heard.Take());
        _tree.Apply(Nodes.Changed(Nodes.Trigger(4, 2, "v")));
        Assert.Equal(
            ["attributes 2", "name 2/t", "attributes 2", "name 2/v", "attributes 4"], heard.Take());
        _tree.Apply(Nodes.Gone(4));
        Assert.Equal(["attributes 2", "removed 2/v"], heard.Take());
    }

    [Fact]
    public void After_a_reconnect_only_what_differs_is_told()
    {
        var heard = new Heard();
        foreach (ulong id in (ulong[])[2, 3, 4, 5]) _tree.Find(id)!.Remember();
        _tree.Watch(heard);
        TreeNode[] same = [.. ((ulong[])[1, 2, 3, 4, 5]).Select(id => _tree.Find(id)!.Node)];
        _tree.Apply(Nodes.Snapshot(same));
        Assert.Empty(heard.Take());
        _tree.Apply(Nodes.Snapshot([.. same[..3], Nodes.Trigger(5, 2, "u", hits: 7), Nodes.Directory(6, 1, "new")]));
        Assert.Equal(
            ["attributes 5", "attributes 1", "name 1/new", "attributes 2", "removed 2/t"], heard.Take());
    }

    [Fact]
    public void A_number_that_a_broker_of_before_uses_again_is_another_entry_and_what_the_kernel_holds_stays_counted()
    {
        _tree.Lookup(_tree.Find(2)!, "t"u8, remember: true);
        TreeEntry old = _tree.Find(4)!;
        _tree.Apply(Nodes.Snapshot(Nodes.Directory(2, 1, "a"), Nodes.Directory(4, 2, "t")));
        TreeEntry now = Find("/a/t")!;
        Assert.True(now.IsDirectory && old.IsGone);
        Assert.Equal((4ul, 1ul, 1), (now.Id.Value, now.Generation, now.Lookups));
        _tree.Apply(Nodes.Gone(4));
        Assert.NotNull(_tree.Find(4));
        _tree.Forget(4, 1);
        Assert.Null(_tree.Find(4));
    }

    private TreeEntry? Find(string path)
    {
        TreeEntry? entry = _tree.Root;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (entry is not null) entry = _tree.Lookup(entry, Encoding.UTF8.GetBytes(name), remember: false);
        return entry;
    }

    private sealed class Heard : ITreeWatcher
    {
        public List<string> Said { get; } = [];

        public List<string> Take()
        {
            List<string> said = [.. Said];
            Said.Clear();
            return said;
        }

        public void NameChanged(NodeId parent, byte[] name, bool wasDirectory) =>
            Said.Add($"name {parent.Value}/{Encoding.UTF8.GetString(name)}");

        public void Removed(NodeId parent, byte[] name, TreeEntry entry) =>
            Said.Add($"removed {parent.Value}/{Encoding.UTF8.GetString(name)}");

        public void AttributesChanged(NodeId node) => Said.Add($"attributes {node.Value}");
    }
}
