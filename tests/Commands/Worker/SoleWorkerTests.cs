using TriggerFs.Commands.Worker;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>
/// Tests of a worker that owns its process run alone: it ends and reaps all orphans in foreign sessions. So do those
/// that look at the memory of the process.
/// </summary>
[CollectionDefinition(nameof(SoleWorker), DisableParallelization = true)]
public sealed class SoleWorker;

[Collection(nameof(SoleWorker))]
public sealed class SoleWorkerTests : IDisposable
{
    private readonly WorkerStage _stage = new(sole: true);
    private readonly string _mark = $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void A_daemon_that_nobody_saw_and_that_wiped_its_environment_is_ended_with_the_last_run_it_can_be_of()
    {
        ulong run = _stage.Begin($"env -i setsid sh -c 'sleep {_mark} & sleep 0.1' >/dev/null 2>&1 & sleep 0.2");
        Assert.Equal(Outcome.Done, _stage.EndOf(run).Outcome);
        WorkerStage.Wait(() => WorkerStage.Living(_mark).Length == 0, "the daemon is ended", 4000);
    }

    [Fact]
    public void Short_runs_leave_no_descriptor_and_no_zombie()
    {
        _stage.Run("true");
        int before = DescriptorsOfPipesAndProcesses();
        for (int round = 0; round < 20; round++)
        {
            ulong[] runs = [.. Enumerable.Range(0, 10).Select(_ => _stage.Begin("true; (sleep 0 &); setsid true"))];
            foreach (ulong run in runs) Assert.Equal(0, _stage.EndOf(run).ExitCode);
        }
        WorkerStage.Wait(() => DescriptorsOfPipesAndProcesses() <= before, "descriptors are closed");
        WorkerStage.Wait(() => !HasZombies(), "zombies are reaped");
    }

    [Fact]
    public void Memory_is_flat_over_200_MB_of_output()
    {
        _stage.Link.Keeps = false;
        _stage.EndOf(_stage.Begin("head -c 20000000 /dev/zero"));
        GC.Collect();
        long before = GC.GetTotalMemory(true);
        ulong run = _stage.Begin("head -c 200000000 /dev/zero", timeoutMs: 120_000);
        Assert.Equal(200_000_000UL, _stage.EndOf(run, 60_000).Offset);
        Assert.InRange(GC.GetTotalMemory(true) - before, long.MinValue, 16_000_000);
    }

    /// <summary>
    /// Other tests of this process open sockets and files; pipes and pidfds are ours (and a few of theirs).
    /// </summary>
    private static int DescriptorsOfPipesAndProcesses()
    {
        int count = 0;
        foreach (string link in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string? target = File.ResolveLinkTarget(link, false)?.Name;
            if (target is null) continue;
            if (target.StartsWith("pipe:", StringComparison.Ordinal) || target.Contains("pidfd")) count++;
        }
        return count;
    }

    /// <summary>
    /// Runs have sessions of their own; orphans in ours are of other tests and not the worker's to reap.
    /// </summary>
    private static bool HasZombies() => ProcessTable.Read().Exists(process =>
        process.IsZombie && process.Parent == Environment.ProcessId && process.Session != Native.GetSession(0));
}
