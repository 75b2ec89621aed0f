using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Fs;

/// <summary>What the kernel asks us again, and what it remembers.</summary>
public sealed class CacheTests
{
    private static readonly TreeNode[] Demo =
        [Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t"), Nodes.Trigger(4, 2, "u")];

    [SkippableFact]
    public void Names_that_are_there_and_names_that_are_not_are_looked_up_once()
    {
        using var mount = RealMount.Make(Demo);
        List<string> asked = mount.RequestsOf(
            "for i in {1..20}; do [ -e d/t ] && [ ! -e d/none ] && stat d/t > /dev/null || exit 1; done");
        Assert.Equal(["Lookup 1 'd'", "Lookup 2 't'", "Lookup 2 'none'"], asked.Where(one => one.StartsWith("Lookup")));
        Assert.DoesNotContain("Getattr 3", asked);
    }

    [SkippableFact]
    public void Writing_through_one_handle_is_one_request_for_each_write()
    {
        using var mount = RealMount.Make(Demo);
        List<string> asked = mount.RequestsOf("exec 3> d/t; for i in {1..50}; do echo $i >&3; done; exec 3>&-");
        Assert.Equal(50, asked.Count(one => one == "Write 3"));
        Assert.InRange(asked.Count(one => !one.StartsWith("Write", StringComparison.Ordinal)), 0, 8);
    }

    [SkippableFact]
    public void Listing_brings_the_attributes_along_and_looks_nothing_up_again()
    {
        using var mount = RealMount.Make([.. Demo, .. Enumerable.Range(100, 500).Select(Trigger)]);
        List<string> asked = mount.RequestsOf("ls -lR . > $B/list; grep -c trigger $B/list > /dev/null");
        Assert.Contains("Readdirplus 2", asked);
        Assert.DoesNotContain(asked, one => one.StartsWith("Lookup", StringComparison.Ordinal));
        Assert.InRange(asked.Count(one => one.StartsWith("Getattr", StringComparison.Ordinal)), 0, 2);
        asked = mount.RequestsOf("stat d/trigger* > /dev/null");
        Assert.DoesNotContain(asked, one => one.StartsWith("Lookup", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Who_stands_in_a_directory_that_is_moved_elsewhere_moves_with_it()
    {
        using var mount = RealMount.Make([.. Demo, Nodes.Directory(5, 1, "other")]);
        Task<RealMount.Outcome> standing = Task.Run(() => mount.Run("""
            cd d; touch $B/there
            for i in {1..500}; do [ -e $M/other/moved ] && break; sleep 0.02; done
            /bin/pwd; ls; echo x > t
            """));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(mount.Beside, "there")), 10_000));
        mount.Tree.Apply(Nodes.Changed(Nodes.Directory(2, 5, "moved")));
        RealMount.Outcome run = standing.Result;
        Assert.Equal(($"{mount.Path}/other/moved\nt\nu\n", ""), (run.Out, run.Error));
        Assert.Equal(["x\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void A_trigger_that_is_removed_while_it_is_open_is_stale_and_sends_nothing()
    {
        using var mount = RealMount.Make(Demo);
        Task<RealMount.Outcome> writing = Task.Run(() => mount.Run("""
            exec 3> d/t; touch $B/open
            for i in {1..500}; do [ -e d/t ] || break; sleep 0.02; done
            echo x >&3
            """));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(mount.Beside, "open")), 10_000));
        mount.Tree.Apply(Nodes.Gone(3));
        Assert.Contains("Stale file handle", writing.Result.Error);
        Assert.Empty(mount.Sink.Fired);
    }

    private static TreeNode Trigger(int id) => Nodes.Trigger((ulong)id, 2, $"trigger{id}");
}
