using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Worker.Plugins;

namespace TriggerFs.Tests.Commands.Worker.Lines;

/// <summary>The contract lines, with a real program in Python that behaves in every way there is.</summary>
public sealed class LinesTests : IDisposable
{
    /// <summary>What it does is the message.</summary>
    private const string Player = """
        #!/usr/bin/python3
        import base64, json, os, signal, sys, threading, time
        lock = threading.Lock()
        waiting = {}

        def say(**line):
            with lock:
                sys.stdout.write(json.dumps(line) + "\n")
                sys.stdout.flush()

        def run(id, run):
            word, _, rest = run.get("message", "").partition(" ")
            if word == "echo": say(id=id, out=rest)
            elif word == "err": say(id=id, err=rest)
            elif word == "both": say(id=id, out="o\n", err="e\n"); 
            elif word == "args": say(id=id, out=json.dumps(run["args"], sort_keys=True, ensure_ascii=False))
            elif word == "show": say(id=id, out=" ".join(str(run[k]) for k in rest.split()))
            elif word == "pid": say(id=id, out=str(os.getpid()))
            elif word == "env": say(id=id, out=os.environ.get(rest, "-"))
            elif word == "raw": say(id=id, out64=base64.b64encode(bytes(range(256))).decode())
            elif word == "exit": say(id=id, exit=int(rest)); return
            elif word == "sleep": 
                waiting[id] = threading.Event()
                if waiting[id].wait(float(rest)): say(id=id, out="cancelled\n", exit=7); return
            elif word == "deaf": time.sleep(3600)
            elif word == "status": say(id=id, status={"done": 3, "total": 10}); time.sleep(3600)
            elif word == "die": os.kill(os.getpid(), int(rest)); time.sleep(3600)
            elif word == "quit": os._exit(int(rest))
            elif word == "flood":
                for i in range(int(rest)): say(id=id, out="%d %s\n" % (i, "x" * 1000))
            elif word == "rubbish": sys.stdout.write(rest + "\n"); sys.stdout.flush(); time.sleep(3600)
            elif word == "long": sys.stdout.write("x" * 2000000); sys.stdout.flush(); time.sleep(3600)
            elif word == "wide":
                for i in range(100): say(id=id, out="x" * 100000)
            elif word == "endless":
                while True: say(id=id, out="x" * 1000)
            elif word == "broken":
                with lock:
                    sys.stdout.buffer.write(b'{"id":%d,"out":"a\xff\xfeb"}\n' % id)
                    sys.stdout.buffer.flush()
            elif word == "close": os.close(1); time.sleep(3600)
            elif word == "fork": 
                if os.fork() == 0: os.setsid(); os.execvp("sleep", ["sleep", rest])
            elif word == "stderr": sys.stderr.write(rest + "\n"); sys.stderr.flush()
            elif word == "late": say(id=id, exit=0); say(id=id, out="too late"); return
            elif word == "twice": say(id=id, out="a", exit=3); say(id=id, exit=4); return
            elif word == "strange": say(id=id, out="x", colour="red", more={"a": [1, 2]})
            elif "message64" in run: say(id=id, out64=run["message64"])
            say(id=id, exit=0)

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for line in sys.stdin:
            line = json.loads(line)
            if "run" in line: threading.Thread(target=run, args=(line["id"], line["run"]), daemon=True).start()
            elif line.get("cancel") and line["id"] in waiting: waiting[line["id"]].set()

        """;

    private readonly Workshop _shop = new();

    public LinesTests() => Install("");

    public void Dispose() => _shop.Dispose();

    private void Install(string more)
    {
        _shop.Program("player", Player);
        _shop.Manifest("player.json", $$"""{ "contract": "lines", "runs": 8{{more}} }""");
    }

    private string Out(string message) => _shop.Run("player", message).Out;

    private static string Mark() => $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";

    [Fact]
    public void Output_and_exit_code_are_the_answer()
    {
        Assert.Equal("hello ü\n\"\\", Out("echo hello ü\n\"\\"));
        Assert.Equal(42, _shop.Run("player", "exit 42").End.ExitCode);
        Assert.Equal("oops", _shop.Run("player", "err oops").Err);
    }

    [Fact]
    public void One_process_serves_one_run_after_another()
    {
        string pid = Out("pid");
        Assert.Equal(pid, Out("pid"));
        Assert.Equal(pid, Out("pid"));
    }

    [Fact]
    public void It_hears_for_whom_it_runs_and_with_what()
    {
        Assert.Equal("""{"a": "1", "b-c": "ü \""}""",
            _shop.Run("player", "args", 30_000, ("a", "1"), ("b-c", "ü \"")).Out);
        Assert.Equal("player team1 hp demoservice demo01 /newtrigger/demotrigger 1 0",
            Out("show plugin team user service worker trigger attempt hops"));
        Assert.Equal("30", Out("show timeout").Split('.')[0]);
        Assert.Equal("lines/1", Out("env TRIGGERFS_CONTRACT"));
        Assert.Equal("-", Out("env TRIGGERFS_RUN_ID"));
    }

    [Fact]
    public void Bytes_that_are_no_text_pass_both_ways()
    {
        ulong run = _shop.Stage.Call("player", "raw");
        _shop.Stage.EndOf(run);
        byte[] all = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        Assert.Equal(all, _shop.Stage.OutputOf(run));
        run = WorkerStage.NextRun();
        _shop.Stage.Link.Deliver(WorkerStage.RunMessage(run, "player", all));
        _shop.Stage.EndOf(run);
        Assert.Equal(all, _shop.Stage.OutputOf(run));
    }

    [Fact]
    public void Many_runs_go_through_one_process_at_once()
    {
        string pid = Out("pid");
        ulong[] runs = [.. Enumerable.Range(0, 7).Select(_ => _shop.Stage.Call("player", "sleep 3"))];
        Assert.Equal(pid, Out("pid"));
        Assert.DoesNotContain(_shop.Stage.Link.Ends, end => runs.Contains(end.Run));
        foreach (ulong run in runs) Assert.Equal(0, _shop.Stage.EndOf(run).ExitCode);
    }

    [Fact]
    public void As_many_processes_as_the_manifest_allows_start_and_the_rest_waits()
    {
        Install(""", "runs": 1, "processes": 2""");
        ulong first = _shop.Stage.Call("player", "sleep 60"), second = _shop.Stage.Call("player", "sleep 60");
        WorkerStage.Wait(() => WorkerStage.Living($"{_shop.Path}/player").Length == 2, "two processes are up");
        ulong third = _shop.Stage.Call("player", "echo third");
        Thread.Sleep(300);
        Assert.Equal(2, WorkerStage.Living($"{_shop.Path}/player").Length);
        Assert.Equal("", _shop.Stage.TextOf(third));
        _shop.Stage.Link.Deliver(new Cancel(first, ErrorCode.Cancelled).Write);
        Assert.Equal(0, _shop.Stage.EndOf(third).ExitCode);
        _shop.Stage.Link.Deliver(new Cancel(second, ErrorCode.Cancelled).Write);
        _shop.Stage.EndOf(second);
    }

    [Fact]
    public void A_run_that_waits_for_a_place_can_be_cancelled()
    {
        Install(""", "runs": 1""");
        _shop.Stage.Call("player", "sleep 60");
        ulong waits = _shop.Stage.Call("player", "echo x");
        WorkerStage.Wait(() => _shop.Stage.Link.Starts.Contains(waits), "it is there");
        _shop.Stage.Link.Deliver(new Cancel(waits, ErrorCode.Cancelled).Write);
        Assert.Equal(Outcome.Cancelled, _shop.Stage.EndOf(waits).Outcome);
    }

    [Fact]
    public void A_run_that_is_cancelled_hears_it_and_the_process_stays()
    {
        string pid = Out("pid");
        ulong run = _shop.Stage.Call("player", "sleep 60");
        WorkerStage.Wait(() => _shop.Stage.Link.Starts.Contains(run), "it runs");
        Thread.Sleep(200);
        _shop.Stage.Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        End end = _shop.Stage.EndOf(run);
        Assert.Equal((Outcome.Cancelled, 7), (end.Outcome, end.ExitCode));
        Assert.Equal(pid, Out("pid"));
    }

    [Fact]
    public void A_run_that_does_not_end_in_its_time_takes_its_process_with_it()
    {
        string pid = Out("pid");
        ulong other = _shop.Stage.Call("player", "sleep 60");
        End end = _shop.Run("player", "deaf", timeoutMs: 500).End;
        Assert.Equal(Outcome.TimedOut, end.Outcome);
        Assert.Contains("the plugin player broke its contract: it did not end run", end.Detail);
        End beside = _shop.Stage.EndOf(other);
        Assert.Equal((Outcome.Done, 76), (beside.Outcome, beside.ExitCode));
        Assert.Contains("it did not end run", beside.Detail);
        Assert.NotEqual(pid, Out("pid"));
    }

    [Fact]
    public void How_far_it_had_come_is_told_when_it_is_ended()
    {
        End end = _shop.Run("player", "status", timeoutMs: 500).End;
        Assert.EndsWith("it had come to 3 of 10", end.Detail);
    }

    [Theory]
    [InlineData("die 9", 137, "the plugin's process was ended by signal 9")]
    [InlineData("die 11", 139, "the plugin's process was ended by signal 11")]
    [InlineData("quit 3", 3, "the plugin's process ended with exit code 3")]
    [InlineData("quit 0", 76, "the plugin's process ended with exit code 0")]
    [InlineData("rubbish hello", 76, "it printed 'hello', which is no line of JSON")]
    [InlineData("rubbish [1]", 76, "which is no line of JSON")]
    [InlineData("rubbish {\"id\":\"x\"}", 76, "which is no line of JSON")]
    [InlineData("long", 76, "it printed a line of more than 1048576 bytes")]
    [InlineData("close", 76, "it closed its standard output")]
    public void What_ends_the_process_is_the_named_failure_of_its_runs_and_the_next_has_a_new_one(
        string message, int exitCode, string why)
    {
        ulong other = _shop.Stage.Call("player", "sleep 60");
        End end = _shop.Run("player", message).End;
        Assert.Equal((Outcome.Done, exitCode), (end.Outcome, end.ExitCode));
        Assert.Contains(why, end.Detail);
        Assert.Equal(end.Detail, _shop.Stage.EndOf(other).Detail);
        Assert.Equal("again", Out("echo again"));
    }

    [Fact]
    public void A_program_that_keeps_ending_is_started_later_each_time_and_whoever_waits_learns_why()
    {
        Install("");
        _shop.Program("player", "#!/bin/sh\nexit 3\n");
        for (int i = 0; i < 3; i++) Assert.Equal(3, _shop.Run("player", "x").End.ExitCode);
        End end;
        do end = _shop.Run("player", "x", timeoutMs: 100).End;
        while (end.ExitCode == 3 || end.Detail.Contains("looked for", StringComparison.Ordinal)); // A slow machine.
        Assert.Equal(Outcome.TimedOut, end.Outcome);
        Assert.Matches("has ended [3-9] times in a row: the plugin's process ended with exit code 3", end.Detail);
        Assert.Contains(_shop.Stage.Log.Lines, line => line.Contains("is started again in 800 ms"));
    }

    [Fact]
    public void A_program_that_cannot_be_started_is_the_reason()
    {
        _shop.Program("player", "#!/no/such/interpreter\n");
        End end = _shop.Run("player", "x").End;
        Assert.Equal((Outcome.NotStarted, 126), (end.Outcome, end.ExitCode));
    }

    [Fact]
    public void Ten_megabytes_without_a_newline_are_whole()
    {
        ulong run = _shop.Stage.Call("player", "wide");
        Assert.Equal(0, _shop.Stage.EndOf(run).ExitCode);
        Assert.Equal(10_000_000, _shop.Stage.OutputOf(run).Length);
    }

    [Fact]
    public void Output_that_is_no_UTF8_passes_byte_for_byte()
    {
        ulong run = _shop.Stage.Call("player", "broken");
        Assert.Equal(0, _shop.Stage.EndOf(run).ExitCode);
        Assert.Equal([(byte)'a', 0xFF, 0xFE, (byte)'b'], _shop.Stage.OutputOf(run));
    }

    [Fact]
    public void A_flood_is_ended_in_time()
    {
        _shop.Stage.Link.Keeps = false;
        End end = _shop.Run("player", "endless", timeoutMs: 1000).End;
        Assert.Equal(Outcome.TimedOut, end.Outcome);
        Assert.Equal(0, _shop.Run("player", "echo again").End.ExitCode);
    }

    [Fact]
    public void A_slow_reader_slows_the_program_and_memory_is_bounded()
    {
        Install(""", "runs": 1""");
        _shop.Stage.Link.Confirms = false;
        ulong run = _shop.Stage.Call("player", "flood 3000", 60_000);
        WorkerStage.Wait(() => _shop.Stage.Link.OutputBytes >= Limits.OutputWindow, "a window is full");
        Thread.Sleep(300);
        Assert.Equal((ulong)Limits.OutputWindow, _shop.Stage.Link.OutputBytes);
        _shop.Stage.Link.Confirms = true;
        _shop.Stage.Link.Deliver(FakeLink.CreditOf(run, Limits.OutputWindow, replay: false));
        Assert.Equal(0, _shop.Stage.EndOf(run).ExitCode);
        string x = new('x', 1000);
        string expected = string.Concat(Enumerable.Range(0, 3000).Select(i => $"{i} {x}\n"));
        Assert.Equal(expected, Encoding.UTF8.GetString(_shop.Stage.OutputOf(run)));
    }

    [Fact]
    public void A_slow_reader_that_holds_others_up_is_cut_off_and_never_the_others()
    {
        _shop.Stage.Link.Confirms = false;
        ulong slow = _shop.Stage.Call("player", "flood 100000", 60_000);
        WorkerStage.Wait(() => _shop.Stage.Link.OutputBytes >= Limits.OutputWindow, "a window is full");
        ulong other = _shop.Stage.Call("player", "echo other", 60_000);
        Assert.Equal(0, _shop.Stage.EndOf(other).ExitCode);
        Assert.Equal("other", _shop.Stage.TextOf(other));
        End end = _shop.Stage.EndOf(slow);
        Assert.Equal(Outcome.Cancelled, end.Outcome);
        Assert.Contains("its reader was too slow", end.Detail);
    }

    [Fact]
    public void What_is_said_of_a_run_that_has_ended_is_not_heard()
    {
        Assert.Equal("", Out("late"));
        (End end, string text, _) = _shop.Run("player", "twice");
        Assert.Equal((3, "a"), (end.ExitCode, text));
        Assert.Equal("ok", Out("echo ok"));
    }

    [Fact]
    public void What_is_not_known_in_a_line_is_skipped() => Assert.Equal("x", Out("strange"));

    [Fact]
    public void Its_standard_error_is_in_the_workers_log_line_by_line()
    {
        Out("stderr something is odd");
        WorkerStage.Wait(() => _shop.Stage.Log.Lines.Contains("I: plugin player: something is odd"), "it is logged");
    }

    [Fact]
    public void A_process_without_runs_ends_by_itself_after_a_while()
    {
        Install(""", "idle": "300ms" """);
        Out("pid");
        WorkerStage.Wait(() => WorkerStage.Living($"{_shop.Path}/player").Length == 0, "it ends");
        Assert.DoesNotContain(_shop.Stage.Log.Lines, line => line.StartsWith("W:", StringComparison.Ordinal));
        Assert.Equal("again", Out("echo again"));
    }

    [Fact]
    public void A_program_that_was_changed_serves_new_runs_and_the_old_one_ends_with_its_own()
    {
        ulong old = _shop.Stage.Call("player", "sleep 1.5");
        WorkerStage.Wait(() => _shop.Stage.Link.Starts.Contains(old), "it runs");
        Thread.Sleep(100);
        string changed = Player.Replace("out=rest)", "out=\"new \" + rest)", StringComparison.Ordinal);
        File.WriteAllText($"{_shop.Path}/new", changed);
        File.SetUnixFileMode($"{_shop.Path}/new", (UnixFileMode)0x1ED);
        File.Move($"{_shop.Path}/new", $"{_shop.Path}/player", overwrite: true);
        WorkerStage.Wait(() => Out("echo x") == "new x", "the new one runs");
        Assert.Equal(0, _shop.Stage.EndOf(old).ExitCode);
        WorkerStage.Wait(() => WorkerStage.Living($"{_shop.Path}/player").Length == 1, "the old one ends");
    }

    [Fact]
    public void What_it_forked_ends_with_the_process()
    {
        string mark = Mark();
        _shop.Run("player", $"fork {mark}");
        WorkerStage.Wait(() => WorkerStage.Living(mark).Length > 0, "it is forked");
        _shop.Run("player", "quit 1");
        WorkerStage.Wait(() => WorkerStage.Living(mark).Length == 0, "it is gone");
    }

    [Fact]
    public async Task A_worker_that_is_stopped_leaves_no_process_behind()
    {
        Out("pid");
        ulong run = _shop.Stage.Call("player", "deaf");
        WorkerStage.Wait(() => _shop.Stage.Link.Starts.Contains(run), "it runs");
        await _shop.Stage.Session.StopAsync();
        Assert.Equal(Outcome.WorkerLost, _shop.Stage.EndOf(run).Outcome);
        Assert.Empty(WorkerStage.Living($"{_shop.Path}/player"));
    }
}
