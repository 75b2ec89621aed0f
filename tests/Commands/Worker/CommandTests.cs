using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class CommandTests : IDisposable
{
    private readonly WorkerStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public void The_exit_status_of_the_command_is_the_answer()
    {
        End end = _stage.Run("exit 42");
        Assert.Equal((Outcome.Done, 42, 0UL, ""), (end.Outcome, end.ExitCode, end.Offset, end.Detail));
    }

    [Fact]
    public void A_signal_that_ends_the_command_is_128_and_its_number() =>
        Assert.Equal(137, _stage.Run("kill -9 $$").ExitCode);

    [Fact]
    public void The_two_outputs_are_told_apart_and_whole()
    {
        ulong run = _stage.Begin("echo out; echo err >&2; printf last");
        End end = _stage.EndOf(run);
        Assert.Equal("out\nlast", _stage.TextOf(run));
        Assert.Equal("err\n", _stage.TextOf(run, isError: true));
        Assert.Equal(12UL, end.Offset);
    }

    [Fact]
    public void A_newline_behind_the_command_does_no_harm()
    {
        ulong run = _stage.Begin("echo a\n");
        Assert.Equal(0, _stage.EndOf(run).ExitCode);
        Assert.Equal("a\n", _stage.TextOf(run));
    }

    [Fact]
    public void Started_goes_before_all_else_and_offsets_have_no_gap()
    {
        ulong run = _stage.Begin("seq 1 20000; seq 1 20000 >&2");
        End end = _stage.EndOf(run);
        Assert.Contains(run, _stage.Link.Starts);
        ulong next = 0;
        foreach (Piece piece in _stage.Link.Pieces)
        {
            Assert.Equal(next, piece.Offset);
            next += (ulong)piece.Bytes.Length;
        }
        Assert.Equal(next, end.Offset);
    }

    [Fact]
    public void A_line_of_10_MB_without_a_newline_is_whole()
    {
        ulong run = _stage.Begin("head -c 10485760 /dev/zero | tr '\\0' x");
        Assert.Equal(10485760UL, _stage.EndOf(run).Offset);
        Assert.All(_stage.OutputOf(run), letter => Assert.Equal((byte)'x', letter));
    }

    [Fact]
    public void Binary_output_is_the_same_byte_for_byte()
    {
        ulong run = _stage.Begin("for i in {0..255}; do printf \"\\\\x$(printf %x $i)\"; done");
        _stage.EndOf(run);
        Assert.Equal(Enumerable.Range(0, 256).Select(i => (byte)i), _stage.OutputOf(run));
    }

    [Fact]
    public void Output_comes_while_the_command_runs()
    {
        ulong run = _stage.Begin("echo first; sleep 30");
        WorkerStage.Wait(() => _stage.TextOf(run) == "first\n", "the first line comes");
        Assert.Empty(_stage.Link.Ends);
    }

    [Fact]
    public void Standard_input_is_empty()
    {
        ulong run = _stage.Begin("cat; echo $?");
        _stage.EndOf(run);
        Assert.Equal("0\n", _stage.TextOf(run));
    }

    [Fact]
    public void A_command_that_is_too_long_for_an_argument_runs_all_the_same()
    {
        string comment = new('#', 700_000);
        ulong run = _stage.Begin($"{comment}\necho \"long '$0'\"; ls /proc/self/fd | wc -l; cat; exit 3\n");
        Assert.Equal(3, _stage.EndOf(run).ExitCode);
        Assert.Equal("long 'bash'\n4\n", _stage.TextOf(run));
    }

    [Fact]
    public void A_command_with_a_NUL_byte_is_refused_and_not_started()
    {
        End end = _stage.Run("echo a\0b");
        Assert.Equal((Outcome.NotStarted, 126), (end.Outcome, end.ExitCode));
        Assert.Contains("NUL", end.Detail);
        Assert.Empty(_stage.Link.Starts);
    }

    [Fact]
    public void A_plugin_that_is_not_here_is_127_and_names_what_is_close()
    {
        ulong run = WorkerStage.NextRun();
        _stage.Link.Deliver(WorkerStage.RunMessage(run, "comand/command", "x"u8));
        End end = _stage.EndOf(run);
        Assert.Equal((Outcome.NotStarted, 127), (end.Outcome, end.ExitCode));
        Assert.Contains("command/command", end.Detail);
    }

    [Fact]
    public void Echo_answers_in_one_message()
    {
        ulong run = WorkerStage.NextRun();
        _stage.Link.Deliver(WorkerStage.RunMessage(run, "echo", "hello"u8));
        End end = _stage.EndOf(run);
        Assert.Equal(("hello", 5UL, 0), (Encoding.UTF8.GetString(end.Tail), end.Offset, end.ExitCode));
        Assert.Empty(_stage.Link.Starts);
        Assert.Empty(_stage.Link.Pieces);
    }

    [Fact]
    public void Signals_have_their_defaults_in_the_command()
    {
        ulong run = _stage.Begin("yes | head -1; echo ${PIPESTATUS[0]}");
        _stage.EndOf(run);
        Assert.Equal("y\n141\n", _stage.TextOf(run));
    }

    [Fact]
    public void The_command_has_no_descriptor_but_the_three()
    {
        ulong run = _stage.Begin("ls /proc/self/fd");
        _stage.EndOf(run);
        Assert.Equal("0\n1\n2\n3\n", _stage.TextOf(run)); // 3 is the folder that ls reads.
    }

    [Fact]
    public void The_command_leads_a_session_and_a_group_of_its_own()
    {
        ulong run = _stage.Begin(
            "read -r _ _ _ _ group session _ < /proc/$$/stat; echo $(($$ - group)) $(($$ - session))");
        _stage.EndOf(run);
        Assert.Equal("0 0\n", _stage.TextOf(run));
    }

    [Fact]
    public void Many_run_at_once()
    {
        ulong[] runs = [.. Enumerable.Range(0, 50).Select(i => _stage.Begin($"sleep 0.2; echo {i}; exit {i}"))];
        for (int i = 0; i < runs.Length; i++)
        {
            Assert.Equal(i, _stage.EndOf(runs[i]).ExitCode);
            Assert.Equal($"{i}\n", _stage.TextOf(runs[i]));
        }
    }

    [Fact]
    public void Arguments_that_are_one_variable_are_refused()
    {
        ulong run = WorkerStage.NextRun();
        _stage.Link.Deliver(WorkerStage.RunMessage(run, "command", "true"u8, 30_000, Limits.OutputWindow,
            new("a-b", "1"), new("a_b", "2")));
        Assert.Equal(126, _stage.EndOf(run).ExitCode);
    }
}
