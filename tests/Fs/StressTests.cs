using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Fs;

/// <summary>Many programs at once on one mount, with the tree changing under them.</summary>
public sealed class StressTests
{
    [SkippableFact]
    public void Many_writers_and_readers_with_the_tree_changing_under_them_see_no_error_and_leave_nothing()
    {
        using var mount = RealMount.Make(
            Nodes.Directory(2, 1, "d"),
            Nodes.Trigger(3, 2, "t"),
            Nodes.Trigger(4, 2, "u"),
            Nodes.Directory(5, 2, "other"));
        using var stop = new CancellationTokenSource();
        var changing = new Thread(() => ChangeTheTree(mount, stop.Token));
        changing.Start();
        RealMount.Outcome run = mount.Run("""
            for w in {1..10}; do (for i in {1..200}; do echo "$w $i" > d/t || echo FAILED; done) & done
            for w in {1..5}; do (exec 3> d/u; for i in {1..400}; do echo "$w $i" >&3 || echo FAILED; done) & done
            look() { for i in {1..20}; do ls -lR . > /dev/null; stat d/t d/u > /dev/null || echo FAILED; done; }
            for r in {1..5}; do look & done
            wait
            """);
        stop.Cancel();
        changing.Join();
        Assert.Equal("", run.Out);
        string[] told = [.. mount.Sink.Texts];
        Assert.Equal((10 * 200) + (5 * 400), told.Length);
        foreach (IGrouping<string, string> writer in told.GroupBy(text => text.Split(' ')[0]))
            Assert.Equal(writer.Count(), writer.Distinct().Count() + (int.Parse(writer.Key) <= 5 ? 200 : 0));
        Assert.Equal(0, mount.Session.FileSystem.Pending.Count);
        Assert.True(
            SpinWait.SpinUntil(() => mount.Session.FileSystem.Files.Count == 0, TimeSpan.FromSeconds(10)),
            "files are still open");
        Assert.Equal(0, mount.Session.FileSystem.Directories.Count);
    }

    private static void ChangeTheTree(RealMount mount, CancellationToken stop)
    {
        for (ulong i = 0; !stop.IsCancellationRequested; i++)
        {
            ulong id = 1000 + (i % 50);
            mount.Tree.Apply(Nodes.Changed(Nodes.Trigger(id, 5, $"come-and-go{i}")));
            mount.Tree.Apply(Nodes.Changed(Nodes.Trigger(3, 2, "t", hits: i), Nodes.Trigger(id, 2, $"moved{i}")));
            mount.Tree.Apply(Nodes.Gone(id));
            Thread.Sleep(1);
        }
    }
}
