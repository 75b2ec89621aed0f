using System.Diagnostics;
using System.Text;
using System.Text.Json;
using TriggerFs.Commands;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Worker.Plugins;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.Commands.Worker.Go2018;

/// <summary>The contract of 2018 with a plugin in C and libzmq that keeps it, and breaks it in every way.</summary>
public sealed class Go2018Tests(CompiledPlugin compiled) : IClassFixture<CompiledPlugin>, IDisposable
{
    private readonly Lazy<Workshop> _shop = new(() =>
    {
        Skip.If(compiled.Missing is not null, compiled.Missing);
        var shop = new Workshop();
        compiled.Install(shop, "old/old");
        return shop;
    });

    private Workshop Shop => _shop.Value;

    public void Dispose()
    {
        if (_shop.IsValueCreated) _shop.Value.Dispose();
    }

    private (End End, string Out, string Err) Run(string mode, string message = "hello", int timeoutMs = 30_000) =>
        Shop.Run("old", message, timeoutMs, ("mode", mode));

    private static void AssertBroken(End end, string why)
    {
        Assert.Equal((Outcome.Done, 76), (end.Outcome, end.ExitCode));
        Assert.Equal($"the plugin broke its contract (go-2018): {why}", end.Detail);
    }

    [SkippableFact]
    public void Lines_come_from_its_socket_and_then_from_its_answer()
    {
        (End end, string text, string errors) = Run("good");
        Assert.Equal((Outcome.Done, 0, ""), (end.Outcome, end.ExitCode, end.Detail));
        Assert.Equal(("hello\nsecond\nlast\n", ""), (text, errors));
    }

    [SkippableFact]
    public void It_is_known_by_the_library_that_it_is_linked_with_or_by_its_manifest_or_the_settings()
    {
        Assert.Equal("hello\nsecond\nlast\n", Run("good").Out);
        Shop.Manifest("old/plugin.json", """{ "contract": "go-2018" }""");
        Assert.Equal("hello\nsecond\nlast\n", Run("good").Out);
        Shop.Manifest("old/plugin.json", """{ "contract": "exec" }""");
        WorkerStage.Wait(() => Run("good", "not JSON").Out == "", "it is run as its manifest says");
        using var shop = new Workshop(policy => policy with { Contract = PluginContract.Exec });
        compiled.Install(shop, "old");
        Assert.Equal("", shop.Run("old", "not JSON").Out);
    }

    [SkippableFact]
    public void It_is_called_as_Gos_jsonrpc_calls()
    {
        string called = Run("show", "the \"message\"\n").Out.Split('\n')[0];
        JsonElement call = JsonDocument.Parse(called).RootElement;
        Assert.Equal(["method", "params", "id"], call.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("Plugin.Init", 0), (call.GetProperty("method").GetString(), call.GetProperty("id").GetInt32()));
        JsonElement message = Assert.Single(call.GetProperty("params").EnumerateArray());
        Assert.Equal(["plugin", "timeout", "args", "command", "socket"],
            message.EnumerateObject().Select(member => member.Name));
        Assert.Equal("old", message.GetProperty("plugin").GetString());
        Assert.InRange(message.GetProperty("timeout").GetInt64(), 29_000_000_000, 30_000_000_000);
        Assert.Equal("show", message.GetProperty("args").GetProperty("mode").GetString());
        Assert.Equal("the \"message\"\n", Assert.Single(message.GetProperty("command").EnumerateArray()).GetString());
        Assert.StartsWith("tcp://127.0.0.1:", message.GetProperty("socket").GetString());
    }

    [SkippableFact]
    public void An_answer_may_come_before_the_last_lines() =>
        Assert.Equal("hello\nsecond\nlast\n", Run("early").Out);

    [SkippableFact]
    public void Thousands_of_lines_come_in_order()
    {
        string zeros = new('0', 200);
        string expected = string.Concat(Enumerable.Range(0, 20000).Select(i => $"{i} {zeros}\n"));
        Assert.Equal(expected + "last\n", Run("many").Out);
    }

    [SkippableFact]
    public void A_slow_reader_slows_it()
    {
        Shop.Stage.Link.Confirms = false;
        ulong run = Shop.Stage.Call("old", "x", 60_000, ("mode", "many"));
        WorkerStage.Wait(() => Shop.Stage.Link.OutputBytes >= Limits.OutputWindow, "a window is full");
        Thread.Sleep(3000); // Longer than what belongs to an answer may take: what waits here is not missing.
        Assert.Equal((ulong)Limits.OutputWindow, Shop.Stage.Link.OutputBytes);
        Shop.Stage.Link.Confirms = true;
        Shop.Stage.Link.Deliver(FakeLink.CreditOf(run, Limits.OutputWindow, replay: false));
        Assert.Equal(0, Shop.Stage.EndOf(run).ExitCode);
        Assert.EndsWith("\nlast\n", Shop.Stage.TextOf(run));
    }

    [SkippableFact]
    public void Two_hundred_is_success_and_kept_as_what_it_was()
    {
        ulong run = Shop.Stage.Call("old", "x", 30_000, ("mode", "200"));
        Assert.Equal(0, Shop.Stage.EndOf(run).ExitCode);
        Assert.Contains(run, Shop.Stage.Link.Was200);
    }

    [SkippableFact]
    public void Other_exit_codes_are_its_own_and_names_may_be_in_capitals_without_a_newline_behind()
    {
        (End end, string text, _) = Run("42");
        Assert.Equal((42, "hello\nsecond\nx\ny\n"), (end.ExitCode, text));
    }

    [SkippableFact]
    public void An_error_of_the_call_is_the_reason()
    {
        End end = Run("error").End;
        Assert.Equal((1, "the plugin failed: it went wrong"), (end.ExitCode, end.Detail));
    }

    [SkippableFact]
    public void Its_standard_error_is_in_the_workers_log()
    {
        Run("stderr");
        Assert.Contains("I: plugin old/old: something is odd", Shop.Stage.Log.Lines);
    }

    [SkippableFact]
    public void At_its_time_it_is_told_to_end_and_may_do_so()
    {
        (End end, string text, _) = Run("wait", "begun", timeoutMs: 1000);
        Assert.Equal((Outcome.TimedOut, -1), (end.Outcome, end.ExitCode));
        Assert.StartsWith("begun\n", text);
    }

    [SkippableFact]
    public void One_that_ignores_that_and_TERM_is_ended_with_all_that_it_started()
    {
        string mark = $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        var watch = Stopwatch.StartNew();
        End end = Run("deaf", mark, timeoutMs: 1000).End;
        Assert.Equal((Outcome.TimedOut, -1), (end.Outcome, end.ExitCode));
        Assert.InRange(watch.ElapsedMilliseconds, 1000, 5000);
        Assert.Empty(WorkerStage.Living(mark));
    }

    [SkippableFact]
    public void One_that_stays_up_after_its_answer_is_ended_and_that_is_no_failure()
    {
        (End end, string text, _) = Run("stays");
        Assert.Equal((Outcome.Done, 0, "hello\nsecond\nlast\n"), (end.Outcome, end.ExitCode, text));
        Assert.Empty(WorkerStage.Living($"{Shop.Path}/old/old"));
    }

    [SkippableFact]
    public void One_that_dies_is_a_named_failure()
    {
        End end = Run("die").End;
        Assert.Equal((3, "the plugin ended with exit code 3 before it had answered"), (end.ExitCode, end.Detail));
        end = Run("crash").End;
        Assert.Equal((134, "the plugin was ended by signal 6 before it had answered"), (end.ExitCode, end.Detail));
        end = Run("quit").End;
        Assert.Equal((76, "the plugin ended with exit code 0 before it had answered"), (end.ExitCode, end.Detail));
    }

    [SkippableFact]
    public void One_that_never_connects_is_a_named_failure_and_its_answer_is_shown()
    {
        (End end, string text, _) = Run("never");
        AssertBroken(end, "it answered, but nothing came from it through ZeroMQ, not even CLOSE");
        Assert.Equal("only this\n", text);
    }

    [SkippableFact]
    public void One_that_never_sends_CLOSE_is_a_named_failure()
    {
        (End end, string text, _) = Run("noclose");
        AssertBroken(end, "it answered and sent 2 lines through ZeroMQ, but never CLOSE");
        Assert.Equal("hello\nsecond\n", text);
        AssertBroken(Run("gone").End, "it answered and sent 2 lines through ZeroMQ, but never CLOSE");
    }

    [SkippableFact]
    public void Rubbish_on_its_standard_output_is_a_named_failure() =>
        AssertBroken(Run("rubbish").End, "it printed 'hello there' on standard output, where only answers may be");

    [SkippableFact]
    public void One_that_closes_its_standard_output_is_a_named_failure() =>
        AssertBroken(Run("shut").End, "it closed its standard output before it had answered");

    [SkippableFact]
    public void A_message_that_is_no_text_is_refused()
    {
        ulong run = WorkerStage.NextRun();
        Shop.Stage.Link.Deliver(WorkerStage.RunMessage(run, "old", [0xFF]));
        Assert.Contains("the message is not text", Shop.Stage.EndOf(run).Detail);
    }

    [SkippableFact]
    public void Its_lines_have_one_newline_each_and_no_secret()
    {
        Skip.If(compiled.Missing is not null, compiled.Missing);
        using var folder = new TemporaryFolder();
        string secrets = folder.Write("s", "twilio = \"c4nary-in-the-mine\"");
        File.SetUnixFileMode(secrets, (UnixFileMode)0x180);
        using var shop = new Workshop(secrets: new(File: secrets));
        compiled.Install(shop, "old");
        Assert.Equal("***\nnewline at the end\n\nlast\n",
            shop.Run("old", "x", 30_000, ("mode", "split"), ("key", "@secret:twilio")).Out);
    }

    [SkippableFact]
    public void Many_at_once_do_not_mix()
    {
        IEnumerable<int> numbers = Enumerable.Range(0, 8);
        ulong[] runs = [.. numbers.Select(i => Shop.Stage.Call("old", $"run {i}", 60_000, ("mode", "good")))];
        for (int i = 0; i < runs.Length; i++)
        {
            Assert.Equal(0, Shop.Stage.EndOf(runs[i]).ExitCode);
            Assert.Equal($"run {i}\nsecond\nlast\n", Shop.Stage.TextOf(runs[i]));
        }
    }
}

/// <summary>The plugin in C, compiled once.</summary>
public sealed class CompiledPlugin : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CompiledPlugin()
    {
        string source = Path.Combine(Sources.Root, "tests/Commands/Worker/Go2018/plugin.c");
        string[] arguments = ["-O1", "-w", "-o", Program, source, "-lzmq", "-lpthread"];
        try
        {
            var start = new ProcessStartInfo("cc", arguments) { RedirectStandardError = true };
            using Process compiler = Process.Start(start)!;
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            if (compiler.ExitCode != 0) Missing = $"a C compiler and libzmq3-dev are needed: {errors.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Missing = "there is no C compiler (cc)";
        }
    }

    /// <summary>Why it could not be compiled; null when it was.</summary>
    public string? Missing { get; }

    private string Program => Path.Combine(_folder.Path, "plugin");

    internal void Install(Workshop shop, string name) => Install(Path.Combine(shop.Path, name));

    public void Install(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(Program, path);
    }

    public void Dispose() => _folder.Dispose();
}
