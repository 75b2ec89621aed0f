using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>The contract exec, with real programs.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly Workshop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void A_program_that_is_being_written_is_run_when_it_is_there()
    {
        string file = _shop.Program("tool", "#!/bin/sh\necho hello\n");
        ulong run;
        using (File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            Assert.Contains("Text file busy", _shop.Refusal(126, "tool"));
            run = _shop.Stage.Call("tool");
        }
        Assert.Equal(0, _shop.Stage.EndOf(run).ExitCode);
        Assert.Equal("hello\n", _shop.Stage.TextOf(run));
    }

    [Fact]
    public void Two_lines_of_shell_are_a_plugin()
    {
        _shop.Program("hello", "#!/bin/sh\necho \"hello $(cat)\"\n");
        (End end, string text, _) = _shop.Run("hello", "world");
        Assert.Equal((Outcome.Done, 0, "hello world\n"), (end.Outcome, end.ExitCode, text));
    }

    [Fact]
    public void The_short_name_of_2018_finds_the_file_in_the_folder_of_its_name()
    {
        _shop.Program("weather/weather", "#!/bin/sh\necho sunny\n");
        Assert.Equal("sunny\n", _shop.Run("weather").Out);
        Assert.Equal("sunny\n", _shop.Run("weather/weather").Out);
    }

    [Fact]
    public void A_program_in_the_folder_wins_over_a_built_in_one_and_runs_as_soon_as_it_is_there()
    {
        Assert.Equal("x", Encoding.UTF8.GetString(_shop.Stage.OutputOf(Ended("echo", "x"))));
        _shop.Program("echo", "#!/bin/sh\necho mine\n");
        WorkerStage.Wait(() => _shop.Run("echo", "x").Out == "mine\n", "the new one runs");
        File.Delete($"{_shop.Path}/echo");
        WorkerStage.Wait(() => _shop.Run("echo", "x").Out == "x", "the built-in one runs again");
    }

    [Fact]
    public void A_megabyte_of_message_reaches_it_whole()
    {
        _shop.Program("count", "#!/bin/sh\nwc -c; \n");
        Assert.Equal("1048576", _shop.Run("count", new string('x', 1048576)).Out.Trim());
    }

    [Fact]
    public void A_program_that_does_not_read_its_message_is_no_failure()
    {
        _shop.Program("deaf", "#!/bin/sh\nexit 5\n");
        Assert.Equal(5, _shop.Run("deaf", new string('x', 1048576)).End.ExitCode);
    }

    [Fact]
    public void Without_a_message_its_input_is_empty()
    {
        _shop.Program("count", "#!/bin/sh\nwc -c\n");
        Assert.Equal("0", _shop.Run("count").Out.Trim());
    }

    [Fact]
    public void It_finds_its_run_and_its_arguments_in_the_environment()
    {
        _shop.Program("show", "#!/bin/sh\necho $TRIGGERFS_TEAM/$TRIGGERFS_USER@$TRIGGERFS_WORKER $TRIGGERFS_ARG_A_B\n");
        Assert.Equal("team1/hp@demo01 c d\n", _shop.Run("show", "", 30_000, ("a-b", "c d")).Out);
    }

    [Fact]
    public void Its_own_name_is_where_it_is_so_that_it_finds_what_lies_beside_it()
    {
        _shop.Program("tool/tool", "#!/bin/sh\ncat \"$(dirname \"$0\")/data.txt\"\n");
        _shop.Manifest("tool/data.txt", "beside\n");
        Assert.Equal("beside\n", _shop.Run("tool").Out);
    }

    [Fact]
    public void Its_time_ends_the_whole_tree_though_it_ignores_TERM()
    {
        string mark = $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        _shop.Program("hang", $"#!/bin/sh\ntrap '' TERM\nsetsid sleep {mark} &\nsleep {mark}\n");
        End end = _shop.Run("hang", "", timeoutMs: 1000).End;
        Assert.Equal(Outcome.TimedOut, end.Outcome);
        Assert.Empty(WorkerStage.Living(mark));
    }

    [Fact]
    public void A_program_that_closes_its_output_early_ends_with_its_own_exit_code()
    {
        _shop.Program("shy", "#!/bin/sh\necho first\nexec >&- 2>&-\nsleep 0.3\nexit 9\n");
        (End end, string text, _) = _shop.Run("shy");
        Assert.Equal((9, "first\n"), (end.ExitCode, text));
    }

    [Fact]
    public void Output_that_is_no_UTF8_passes_byte_for_byte()
    {
        _shop.Program("raw", "#!/bin/sh\nprintf '\\377\\376\\000x'\n");
        ulong run = Ended("raw");
        Assert.Equal([0xFF, 0xFE, 0, (byte)'x'], _shop.Stage.OutputOf(run));
    }

    [Fact]
    public void A_flood_on_standard_output_is_ended_in_time()
    {
        _shop.Program("flood", "#!/bin/sh\nexec yes\n");
        _shop.Stage.Link.Keeps = false;
        End end = _shop.Run("flood", "", timeoutMs: 1000).End;
        Assert.Equal(Outcome.TimedOut, end.Outcome);
    }

    [Fact]
    public void A_program_that_crashes_is_128_and_the_signal()
    {
        _shop.Program("crash", "#!/bin/sh\necho before\nkill -SEGV $$\n");
        (End end, string text, _) = _shop.Run("crash");
        Assert.Equal((Outcome.Done, 139, "before\n"), (end.Outcome, end.ExitCode, text));
    }

    [Fact]
    public void Ten_megabytes_without_a_newline_are_whole()
    {
        _shop.Program("wide", "#!/bin/sh\nhead -c 10000000 /dev/zero | tr '\\0' x\n");
        Assert.Equal(10_000_000, _shop.Stage.OutputOf(Ended("wide")).Length);
    }

    [Fact]
    public void A_program_that_forks_and_forks_is_gone_with_all_that_it_started()
    {
        string mark = $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        _shop.Program("rabbit", $"#!/bin/sh\nfor i in $(seq 100); do setsid sleep {mark} & done\nexec sleep {mark}\n");
        ulong run = _shop.Stage.Call("rabbit", "", 60_000);
        WorkerStage.Wait(() => WorkerStage.Living(mark).Length > 100, "all are there");
        _shop.Stage.Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        Assert.Equal(Outcome.Cancelled, _shop.Stage.EndOf(run).Outcome);
        WorkerStage.Wait(() => WorkerStage.Living(mark).Length == 0, "none is left");
    }

    private ulong Ended(string plugin, string message = "")
    {
        ulong run = _shop.Stage.Call(plugin, message);
        _shop.Stage.EndOf(run);
        return run;
    }
}
