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
    public void Writing_over_it_as_a_shell_does_asks_for_one_attribute_at_the_opening_and_truncates_nothing()
    {
        using var mount = RealMount.Make(Demo);
        mount.Run("stat d/t");
        List<string> asked = mount.RequestsOf("for i in 1 2 3 4 5; do echo x > d/t; done");
        Assert.Equal(5, asked.Count(one => one == "Write 3"));
        Assert.Equal(5, asked.Count(one => one == "Open 3"));
        Assert.InRange(asked.Count(one => one == "Getxattr 3 'security.capability'"), 0, 5);
        Assert.DoesNotContain(asked, one => one.StartsWith("Setattr", StringComparison.Ordinal));
        asked = mount.RequestsOf("for i in 1 2 3 4 5; do echo x >> d/t; done");
        Assert.DoesNotContain(asked, one => one.StartsWith("Getxattr", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void An_answer_is_read_anew_and_not_out_of_the_page_cache()
    {
        using var mount = RealMount.Make(Demo);
        int answers = 0;
        mount.Sink.OnFire = (_, _, message) =>
        {
            message.Taken();
            message.Output(System.Text.Encoding.UTF8.GetBytes($"answer {++answers}\n"), isError: false);
            message.Ended(null, 0);
        };
        Assert.Equal(
            "answer 1\nanswer 1\nanswer 2\n", mount.Run("echo > d/t; cat d/t; cat d/t; echo > d/t; cat d/t").Out);
    }

    [SkippableFact]
    public void Listing_brings_the_attributes_along_and_looks_nothing_up_again()
    {
        using var mount = RealMount.Make([.. Demo, .. Enumerable.Range(100, 500).Select(Trigger)]);
        List<string> asked = mount.RequestsOf("ls -lR . > $B/list; grep -c trigger $B/list > /dev/null");
        Assert.Contains("Readdirplus 2", asked);
        Assert.DoesNotContain(asked, one => one.StartsWith("Lookup", StringComparison.Ordinal));
        Assert.InRange(asked.Count(one => one.StartsWith("Getattr", StringComparison.Ordinal)), 0, 2);
        // For labels and ACLs it asks until it hears that there are none here; newer ones list the names instead.
        Assert.InRange(asked.Count(one => one.StartsWith("Getxattr", StringComparison.Ordinal)), 0, 4);
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

    [SkippableFact]
    public void Who_watches_a_trigger_hears_that_it_was_removed_elsewhere()
    {
        using var mount = RealMount.Make(Demo);
        Skip.If(mount.Run("command -v inotifywait").Exit != 0, "there is no inotifywait: apt install inotify-tools");
        Task<RealMount.Outcome> watching = Task.Run(() => mount.Run("""
            inotifywait -t 10 -e delete_self --format %e d/t > $B/event 2> $B/said & watcher=$!
            until grep -qs established $B/said; do sleep 0.02; done
            touch $B/watching; wait $watcher; cat $B/event
            """));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(mount.Beside, "watching")), 10_000));
        mount.Tree.Apply(Nodes.Gone(3));
        Assert.Equal("DELETE_SELF\n", watching.Result.Out);
    }

    private static TreeNode Trigger(int id) => Nodes.Trigger((ulong)id, 2, $"trigger{id}");
}
