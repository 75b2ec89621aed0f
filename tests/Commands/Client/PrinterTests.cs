using System.Text;
using System.Text.Json;
using TriggerFs.Commands.Client;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Client;

public sealed class PrinterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("triggerfs-client-");
    private readonly Descriptor _out;
    private readonly Descriptor _error;
    private long _consumed;

    public PrinterTests()
    {
        _out = Descriptor.OpenLog(Path.Combine(_folder.FullName, "out"));
        _error = Descriptor.OpenLog(Path.Combine(_folder.FullName, "error"));
    }

    private string Out => File.ReadAllText(Path.Combine(_folder.FullName, "out"));

    private string Error => File.ReadAllText(Path.Combine(_folder.FullName, "error"));

    [Fact]
    public void On_a_terminal_the_output_has_the_form_of_2018()
    {
        var printer = new TerminalPrinter("command/command", _out, _error, isQuiet: false, Consume);
        printer.Dispatched(new(default, Algorithm.RoundRobin, 1, "demoservice"));
        printer.Output(Chunk("demo01", " 21:14:07 up  8:26\n"));
        printer.Ended(new("demo01", Outcome.Done, 0, 5, ""));
        printer.Close(new(0, null, 907_914_622));
        Assert.Matches(
            """
            ^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d Sending message to service demoservice \(roundrobin\)
            \[command/command@demo01\]  21:14:07 up  8:26

            Exit code: 0
            Total messages: 1
            Time ran: 907\.914622ms
            $
            """.TrimEnd(),
            Out);
        Assert.Equal("", Error);
    }

    [Fact]
    public void Quiet_prints_the_output_alone()
    {
        var printer = new TerminalPrinter("command/command", _out, _error, isQuiet: true, Consume);
        printer.Dispatched(new(default, Algorithm.RoundRobin, 1, "demoservice"));
        printer.Output(Chunk("demo01", "x\n"));
        printer.Close(new(0, null, 1));
        Assert.Equal("x\n", Out);
    }

    [Fact]
    public void In_a_pipe_the_bytes_of_one_worker_are_untouched()
    {
        byte[] bytes = [0, 255, 10, 13, 10, 7, 128];
        var printer = new PipePrinter("p", _out, _error, frame: null, Consume);
        printer.Dispatched(new(default, Algorithm.RoundRobin, 1, "s"));
        printer.Output(new("demo01", false, bytes, false));
        printer.Output(new("demo01", true, "warning\n"u8.ToArray(), false));
        printer.Ended(new("demo01", Outcome.Done, 0, 5, ""));
        printer.Close(new(0, null, 1));
        Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(_folder.FullName, "out")));
        Assert.Equal("warning\n", Error);
        Assert.Equal(15, _consumed);
    }

    [Fact]
    public void In_a_pipe_the_lines_of_several_workers_say_whose_they_are()
    {
        var printer = new PipePrinter("p", _out, _error, frame: null, Consume);
        printer.Dispatched(new(default, Algorithm.Mirror, 2, "s"));
        printer.Output(Chunk("demo01", "one\nhalf"));
        printer.Output(Chunk("demo02", "uno\n"));
        printer.Ended(new("demo02", Outcome.Done, 0, 5, ""));
        printer.Ended(new("demo01", Outcome.Done, 0, 5, ""));
        printer.Close(new(0, null, 1));
        Assert.Equal("[p@demo01] one\n[p@demo02] uno\n[p@demo01] half\n", Out);
    }

    [Fact]
    public void The_frame_of_a_pipe_goes_to_standard_error()
    {
        var printer = new PipePrinter("p", _out, _error, new Frame(_error), Consume);
        printer.Dispatched(new(default, Algorithm.Serial, 1, "s"));
        printer.Output(Chunk("demo01", "a\nb"));
        printer.Close(new(3, null, 1_500_000_000));
        Assert.Equal("a\nb", Out);
        Assert.EndsWith("\nExit code: 3\nTotal messages: 2\nTime ran: 1.5s\n", Error);
    }

    [Theory]
    [InlineData("TimedOut", "timed out on worker 'demo01'")]
    [InlineData("WorkerLost", "worker lost: 'demo01' went away after it had started the command")]
    [InlineData("Cancelled", "the command was cancelled on worker 'demo01'")]
    [InlineData("NotStarted", "worker 'demo01' did not start 'p'")]
    [InlineData("Offline", "worker 'demo01' is not online")]
    public void A_run_that_did_not_end_by_itself_is_told_on_standard_error(string outcome, string what)
    {
        var printer = new PipePrinter("p", _out, _error, frame: null, Consume);
        printer.Ended(new("demo01", Enum.Parse<Outcome>(outcome), 1, 5, "because\u001b"));
        Assert.StartsWith($"triggerfs: {what}\n  why: because\\u{{1b}}\n", Error);
        Assert.Equal("", Out);
    }

    [Fact]
    public void Json_is_one_document_with_everything()
    {
        var printer = new JsonPrinter("s", "p", _out, Consume);
        printer.Dispatched(new(default, Algorithm.Mirror, 2, "s"));
        printer.Output(Chunk("demo01", "häl"));
        printer.Output(Chunk("demo01", "lo\n"));
        printer.Output(new("demo02", true, [0xff], false));
        printer.Ended(new("demo01", Outcome.Done, 0, 5, ""));
        printer.Ended(new("demo02", Outcome.TimedOut, 124, 10, "killed"));
        printer.Close(new(124, null, 2_000_000));
        Assert.Equal(
            """
            {"service":"s","plugin":"p","algorithm":"mirror","exitCode":124,"timeMs":2,"runs":[
            {"worker":"demo01","outcome":"done","exitCode":0,"timeMs":5,"stdout":"hällo\n","stderr":""},
            {"worker":"demo02","outcome":"timedOut","exitCode":124,"timeMs":10,"detail":"killed",
            "stdout":"","stderrBase64":"/w=="}]}
            """.Replace("\n", ""),
            Out.TrimEnd('\n'));
    }

    [Fact]
    public void Json_tells_why_a_request_failed()
    {
        var printer = new JsonPrinter("s", "p", _out, Consume);
        printer.Close(new(69, new TriggerException(ErrorCode.NoWorker, "what", "why", "fix"), 0));
        using JsonDocument answer = JsonDocument.Parse(Out);
        Assert.Equal("NoWorker", answer.RootElement.GetProperty("problem").GetProperty("code").GetString());
    }

    [Fact]
    public void Output_that_is_too_large_for_one_document_is_refused()
    {
        var printer = new JsonPrinter("s", "p", _out, Consume);
        byte[] piece = new byte[16 * 1024 * 1024];
        for (int i = 0; i < 4; i++) printer.Output(new("w", false, piece, false));
        Assert.Equal(ErrorCode.TooLarge, Assert.Throws<TriggerException>(() => printer.Output(Chunk("w", "x"))).Code);
    }

    [Fact]
    public void Json_lines_are_an_event_each()
    {
        var printer = new JsonLinesPrinter(_out, Consume);
        printer.Dispatched(new(default, Algorithm.RoundRobin, 1, "s"));
        printer.Output(Chunk("demo01", "one\n"));
        printer.Output(new("demo01", true, [0xfe, 10], false));
        printer.Ended(new("demo01", Outcome.Done, 2, 5, ""));
        printer.Close(new(2, null, 3_000_000));
        Assert.Equal(
            """
            {"event":"dispatched","service":"s","algorithm":"roundRobin","workers":1}
            {"event":"output","worker":"demo01","stream":"stdout","line":"one"}
            {"event":"output","worker":"demo01","stream":"stderr","lineBase64":"/g=="}
            {"event":"finished","worker":"demo01","outcome":"done","exitCode":2,"timeMs":5}
            {"event":"end","exitCode":2,"timeMs":3}

            """,
            Out);
    }

    [Fact]
    public void A_long_line_is_several_events_and_no_letter_is_cut()
    {
        var printer = new JsonLinesPrinter(_out, Consume);
        string line = "x" + string.Concat(Enumerable.Repeat("ä", 100_000));
        printer.Output(Chunk("demo01", line + "\n"));
        JsonElement[] events = [.. Out.TrimEnd().Split('\n').Select(text => JsonDocument.Parse(text).RootElement)];
        Assert.True(events.Length > 1);
        Assert.Equal(line, string.Concat(events.Select(one => one.GetProperty("line").GetString())));
        Assert.All(events[..^1], one => Assert.False(one.GetProperty("newline").GetBoolean()));
        Assert.False(events[^1].TryGetProperty("newline", out _));
    }

    [Fact]
    public void A_log_keeps_what_was_shown_and_the_failure()
    {
        string path = Path.Combine(_folder.FullName, "log");
        var shown = new PipePrinter("p", _out, _error, null, Consume);
        using (var printer = new LoggedPrinter(shown, "p", Descriptor.OpenLog(path)))
        {
            printer.Dispatched(new(default, Algorithm.Mirror, 1, "s"));
            printer.Output(Chunk("demo01", "x\n"));
            printer.Close(new(69, new TriggerException(ErrorCode.NoWorker, "gone"), 1));
        }
        Assert.Matches(
            "^.* Sending message to service s \\(mirror\\)\n\\[p@demo01\\] x\ntriggerfs: gone\n$",
            File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal("x\n", Out);
    }

    [SkippableFact]
    public void A_full_disk_is_named()
    {
        Skip.IfNot(File.Exists("/dev/full"), "there is no /dev/full");
        using Descriptor full = Descriptor.OpenLog("/dev/full");
        full.Append("x"u8);
        var problem = Assert.Throws<TriggerException>(full.Flush);
        Assert.Equal((ErrorCode.Storage, "/dev/full cannot be written"), (problem.Code, problem.Message));
    }

    [Theory]
    [InlineData("Done", 3, 3)]
    [InlineData("Done", 256, 1)]
    [InlineData("Done", -1, 1)]
    [InlineData("NotStarted", 127, 127)]
    [InlineData("TimedOut", 137, 124)]
    [InlineData("Cancelled", 143, 130)]
    [InlineData("Offline", 0, 69)]
    [InlineData("WorkerLost", 0, 74)]
    public void An_outcome_has_its_exit_status(string outcome, int exitCode, int status) =>
        Assert.Equal(status, new RunEnd("w", Enum.Parse<Outcome>(outcome), exitCode, 0, "").Status);

    [Fact]
    public void Json_keeps_the_200_of_a_plugin_of_2018()
    {
        var printer = new JsonPrinter("s", "p", _out, Consume);
        printer.Ended(new("w", Outcome.Done, 0, 5, "") { RawExitCode = 200 });
        printer.Close(new(0, null, 1));
        JsonElement run = JsonDocument.Parse(Out).RootElement.GetProperty("runs")[0];
        Assert.Equal((0, 200), (run.GetProperty("exitCode").GetInt32(), run.GetProperty("rawExitCode").GetInt32()));
    }

    [Fact]
    public void A_reason_beside_an_exit_code_is_told()
    {
        var printer = new PipePrinter("p", _out, _error, frame: null, Consume);
        printer.Ended(new("demo01", Outcome.Done, 76, 5, "the plugin never sent CLOSE"));
        Assert.Contains("demo01' ended with exit code 76\n  why: the plugin never sent CLOSE", Error);
    }

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
        _folder.Delete(recursive: true);
    }

    private void Consume(OutputChunk chunk) => _consumed += chunk.Bytes.Length;

    private static OutputChunk Chunk(string worker, string text) =>
        new(worker, false, Encoding.UTF8.GetBytes(text), false);
}
