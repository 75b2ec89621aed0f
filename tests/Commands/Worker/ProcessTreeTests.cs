using System.Diagnostics;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>
/// Nothing of a run survives it. Each test marks its processes with a number of its own as an argument.
/// </summary>
public sealed class ProcessTreeTests : IDisposable
{
    private readonly WorkerStage _stage = new();
    private readonly string _mark = $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";

    public void Dispose() => _stage.Dispose();

    private int Count => WorkerStage.Living(_mark).Length;

    /// <summary>
    /// Runs a command until so many processes with the mark live, then until its timeout has ended them all.
    /// </summary>
    private End TimeOut(string command, int processes)
    {
        var watch = Stopwatch.StartNew();
        ulong run = _stage.Begin(command.Replace("MARK", _mark, StringComparison.Ordinal), timeoutMs: 1000);
        WorkerStage.Wait(() => Count >= processes, $"{processes} processes begin", 1000);
        End end = _stage.EndOf(run);
        Assert.InRange(watch.ElapsedMilliseconds, 1000, 3100);
        Assert.Equal(Outcome.TimedOut, end.Outcome);
        Assert.Empty(end.Detail);
        Assert.Equal(0, Count);
        return end;
    }

    [Fact]
    public void A_timeout_ends_the_command_and_says_so() => Assert.Equal(143, TimeOut("exec sleep MARK", 1).ExitCode);

    [Fact]
    public void A_tree_that_ignores_TERM_is_gone_two_seconds_after_the_timeout() =>
        TimeOut("trap '' TERM; (trap '' TERM; sleep MARK; sleep MARK) & (sleep MARK & sleep MARK); sleep MARK", 3);

    [Fact]
    public void A_grandchild_in_a_session_of_its_own_is_gone_too() =>
        TimeOut("trap '' TERM; setsid sleep MARK & setsid setsid sleep MARK & sleep MARK", 3);

    [Fact]
    public void A_daemon_that_forked_twice_is_gone_too() =>
        TimeOut("trap '' TERM; (setsid sh -c 'trap \"\" TERM; sleep MARK & sleep MARK' > /dev/null &) ; sleep MARK", 3);

    [Fact]
    public void A_daemon_that_wiped_its_environment_is_gone_when_it_was_seen_before()
    {
        ulong run = _stage.Begin($"env -i setsid sh -c 'sleep {_mark} & sleep 2.5' & sleep 60", timeoutMs: 4000);
        WorkerStage.Wait(() => Count > 0, "the daemon begins");
        Assert.Equal(Outcome.TimedOut, _stage.EndOf(run).Outcome);
        Assert.Equal(0, Count);
    }

    [Fact]
    public void Cancel_ends_the_tree_and_is_the_outcome()
    {
        ulong run = _stage.Begin($"trap '' TERM; sleep {_mark} & setsid sleep {_mark} & wait");
        WorkerStage.Wait(() => Count >= 2, "the command begins");
        var watch = Stopwatch.StartNew();
        _stage.Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        End end = _stage.EndOf(run);
        Assert.Equal(Outcome.Cancelled, end.Outcome);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2100);
        Assert.Equal(0, Count);
    }

    [Fact]
    public void A_command_may_clean_up_after_TERM()
    {
        ulong run = _stage.Begin("trap 'sleep 0.3; echo clean; exit 7' TERM; echo ready; while :; do sleep 0.1; done");
        WorkerStage.Wait(() => _stage.TextOf(run) == "ready\n", "the command is ready");
        _stage.Link.Deliver(new Cancel(run, ErrorCode.TimedOut).Write);
        End end = _stage.EndOf(run);
        Assert.Equal((Outcome.TimedOut, 7), (end.Outcome, end.ExitCode));
    }

    [Fact]
    public void What_a_command_left_in_the_background_ends_with_it()
    {
        var watch = Stopwatch.StartNew();
        ulong run = _stage.Begin($"sleep {_mark} & echo done");
        Assert.Equal(0, _stage.EndOf(run).ExitCode);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 1500);
        Assert.Equal("done\n", _stage.TextOf(run));
        Assert.Equal(0, Count);
    }

    [Fact]
    public void A_background_process_without_our_pipes_in_another_session_ends_soon_after_the_command()
    {
        ulong run = _stage.Begin($"setsid sleep {_mark} >/dev/null 2>&1 & sleep 0.2");
        Assert.Equal(0, _stage.EndOf(run).ExitCode);
        WorkerStage.Wait(() => Count == 0, "the leftover ends", 4000);
    }

    [Fact]
    public void A_filter_that_the_shell_does_not_wait_for_writes_to_its_end()
    {
        ulong run = _stage.Begin("seq 1 100000 > >(sed s/^/x/)");
        Assert.Equal(0, _stage.EndOf(run).ExitCode);
        Assert.EndsWith("x100000\n", _stage.TextOf(run), StringComparison.Ordinal);
    }

    [Fact]
    public void A_background_process_that_never_stops_writing_is_ended()
    {
        _stage.Link.Keeps = false;
        ulong run = _stage.Begin($"yes {_mark} & exit 5");
        Assert.Equal(5, _stage.EndOf(run).ExitCode);
        Assert.Equal(0, Count);
    }

    [Fact]
    public void Who_is_left_behind_a_reader_that_does_not_read_is_looked_for_ever_more_seldom()
    {
        using var folder = new TemporaryFolder();
        string go = Path.Combine(folder.Path, "go");
        _stage.Link.Confirms = false;
        ulong run = _stage.Begin($"yes {_mark} & while [ ! -e {go} ]; do sleep 0.02; done", window: 100_000);
        WorkerStage.Wait(() => _stage.Link.OutputBytes == 100_000, "the window is used up");
        File.WriteAllText(go, "");
        WorkerStage.Wait(() => Count == 1, "the command ends and leaves one behind");
        var watch = Stopwatch.StartNew();
        long before = _stage.Processes.Looks;
        Thread.Sleep(2000);
        Assert.Empty(_stage.Link.Ends);
        Assert.InRange(_stage.Processes.Looks - before, 1, 8 + (4 * watch.ElapsedMilliseconds / 1000));
        _stage.Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        Assert.Equal(Outcome.Cancelled, _stage.EndOf(run).Outcome);
        Assert.Equal(0, Count);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_ends_its_runs_and_says_so_before_it_leaves()
    {
        ulong run = _stage.Begin($"trap '' TERM; setsid sleep {_mark} & sleep {_mark}");
        WorkerStage.Wait(() => Count >= 2, "the command begins");
        await _stage.Session.StopAsync();
        Assert.True(_stage.Link.HasLeft);
        Assert.Equal(0, Count);
        Assert.Equal(Outcome.WorkerLost, _stage.EndOf(run).Outcome);
        Assert.Equal(0, _stage.Link.Announces[^1].Jobs);
    }
}
