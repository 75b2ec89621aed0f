using TriggerFs.Commands;
using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Worker.Groups;

/// <summary>
/// Control groups of runs, on the real kernel where a group can be made, and what is done where none can.
/// </summary>
public sealed class ControlGroupsTests : IDisposable
{
    private readonly string? _root = MakeRoot();

    public void Dispose()
    {
        if (_root is not null) WorkerStage.Wait(() => ControlFile.RemoveFolder(_root), "the group is empty");
    }

    private static string? MakeRoot()
    {
        if (GroupPlace.OfThisProcess().Own is not { } own) return null;
        string root = $"{own}/triggerfs-test-{Environment.ProcessId}-{Random.Shared.Next(1_000_000)}";
        try
        {
            Directory.CreateDirectory(root);
            return root;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [SkippableFact]
    public void A_run_has_a_group_of_its_own_and_what_it_leaves_in_it_is_ended_with_it()
    {
        Skip.If(_root is null, "no control group of version 2 can be made here");
        string mark = $"9{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        using var stage = new WorkerStage(groups: new(_root, []));
        // It wipes its environment and leaves its session: by its group alone it is known.
        ulong run = stage.Begin(
            $"cat /proc/self/cgroup; env -i setsid sleep {mark} > /dev/null 2>&1 < /dev/null & sleep 0.3");
        Assert.Equal(0, stage.EndOf(run).ExitCode);
        Assert.Contains($"{Path.GetFileName(_root)}/triggerfs-{Environment.ProcessId}-", stage.TextOf(run));
        WorkerStage.Wait(() => WorkerStage.Living(mark).Length == 0, "it is ended");
        WorkerStage.Wait(() => Directory.GetDirectories(_root).Length == 0, "the group is removed");
    }

    [SkippableFact]
    public void A_run_that_is_cancelled_is_ended_by_its_group()
    {
        Skip.If(_root is null, "no control group of version 2 can be made here");
        using var stage = new WorkerStage(groups: new(_root, []));
        ulong run = stage.Begin("trap '' TERM; while :; do sleep 0.1; done", timeoutMs: 300);
        Assert.Equal(TriggerFs.Core.Messages.Outcome.TimedOut, stage.EndOf(run).Outcome);
        WorkerStage.Wait(() => Directory.GetDirectories(_root).Length == 0, "the group is removed");
    }

    [Fact]
    public void A_group_that_cannot_be_made_is_no_reason_not_to_run()
    {
        using var stage = new WorkerStage(groups: new("/proc/no-such-place", []));
        Assert.Equal(0, stage.Run("true").ExitCode);
    }

    [Fact]
    public void Without_limits_of_a_run_there_are_no_groups_and_nothing_is_missed()
    {
        Assert.Null(ControlGroups.Open(new() { Nice = 5, NoFile = 100 }, new(null, "none"), out string? why));
        Assert.Null(why);
        Assert.Null(ControlGroups.Open(new() { Pids = 5 }, new(null, "none"), out why));
        Assert.Equal("none", why);
    }

    [Fact]
    public void A_controller_that_is_not_there_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("cgroup.controllers", "cpuset cpu io\n");
        var policy = new WorkerPolicy { Pids = 5, Memory = 1 << 20 };
        Assert.Null(ControlGroups.Open(policy, new(folder.Path, null), out string? why));
        Assert.Equal($"{folder.Path} does not have memory and pids", why);
    }

    [Theory]
    [InlineData("/", "/", "/sys/fs/cgroup")]
    [InlineData("/", "/system.slice/w.service", "/sys/fs/cgroup/system.slice/w.service")]
    [InlineData("/docker/1", "/docker/1/a", "/sys/fs/cgroup/a")]
    [InlineData("/docker/1", "/docker/1", "/sys/fs/cgroup")]
    [InlineData("/docker/1", "/docker/12", null)]
    [InlineData("/", "/../other", null)]
    public void The_group_of_a_process_is_found_below_what_is_mounted(string root, string group, string? own)
    {
        string mounts = $"""
            22 1 0:20 / /proc rw - proc proc rw
            30 22 0:26 {root} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
            """;
        Assert.Equal(own, GroupPlace.Of(mounts, $"1:cpu:/x\n0::{group}\n").Own);
    }

    [Fact]
    public void Without_the_hierarchy_of_version_2_there_is_none() =>
        Assert.Contains("no control groups", GroupPlace.Of("22 1 0:20 / /proc rw - proc proc rw", "1:cpu:/\n").Problem);
}
