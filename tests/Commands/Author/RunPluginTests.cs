using System.Text.Json;
using TriggerFs.Tests.Commands.Worker;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Author;

/// <summary><c>triggerfs plugin run</c>: as on a worker, and without a broker.</summary>
public sealed class RunPluginTests : IDisposable
{
    private readonly Workbench _bench = new();

    public RunPluginTests() => _bench.Plugin("tool", """
        #!/bin/sh
        echo "got $(cat) $TRIGGERFS_ARG_A $TRIGGERFS_ARG_B"
        echo wrong >&2
        exit 3

        """);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Its_message_comes_from_standard_input_and_its_exit_code_and_streams_are_its_own()
    {
        Ended ended = await _bench.RunAsync("hello", ["run", "tool", "-args", "a=1", "--", "b=2"]);
        Assert.Equal((3, "got hello 1 2\n", "wrong\n"), (ended.ExitCode, ended.Out, ended.Err));
    }

    [Fact]
    public async Task Json_is_as_the_clients()
    {
        Ended ended = await _bench.RunAsync("run", "tool", "-command", "x", "--output", "json");
        JsonElement run = JsonDocument.Parse(ended.Out).RootElement.GetProperty("runs")[0];
        Assert.Equal((3, "got x  \n"), (run.GetProperty("exitCode").GetInt32(), run.GetProperty("stdout").GetString()));
    }

    [Fact]
    public async Task A_stream_runs_until_it_is_interrupted_unless_it_is_given_a_time()
    {
        // What stands above it is the program that runs it: this is its Ctrl-C.
        _bench.Plugin("flow", "#!/bin/sh\necho \"time $TRIGGERFS_TIMEOUT\"\nkill -INT $PPID\nexec sleep 600\n",
            """{ "stream": true }""");
        Ended ended = await _bench.RunAsync("run", "flow", "-command", "");
        Assert.Equal((130, "time 0\n"), (ended.ExitCode, ended.Out));
        _bench.Plugin("flow", "#!/bin/sh\nexec sleep 600\n");
        Assert.Equal(124, (await _bench.RunAsync("run", "flow", "-command", "", "-timeout", "500ms")).ExitCode);
    }

    [Fact]
    public async Task Its_time_ends_it_and_all_that_it_started()
    {
        string mark = $"7{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        _bench.Plugin("hang", $"#!/bin/sh\nsetsid sleep {mark} > /dev/null 2>&1 &\nsleep {mark}\n");
        Ended ended = await _bench.RunAsync("run", "hang", "-timeout", "500ms");
        Assert.Equal(124, ended.ExitCode);
        Assert.Contains("timed out", ended.Err);
        Assert.Empty(WorkerStage.Living(mark));
    }

    [Fact]
    public async Task What_got_away_into_a_session_of_its_own_is_ended_before_it_returns()
    {
        string mark = $"8{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        _bench.Plugin("daemon", $"#!/bin/sh\nenv -i setsid sleep {mark} > /dev/null 2>&1 < /dev/null &\nsleep 0.2\n");
        Assert.Equal(0, (await _bench.RunAsync("run", "daemon")).ExitCode);
        Assert.Empty(WorkerStage.Living(mark));
    }

    [Theory]
    [InlineData(127, "this worker has no plugin 'toll'; did you mean", "toll")]
    [InlineData(126, "is not executable; chmod +x", "plain")]
    [InlineData(126, "the argument 'n' is wrong: 'x' is not an integer", "typed", "--", "n=x")]
    [InlineData(64, "'b' is not an argument for a plugin", "tool", "--", "b")]
    public async Task What_cannot_run_is_refused_as_a_worker_does(int exitCode, string why, params string[] words)
    {
        _bench.Write("plain", "#!/bin/sh\n");
        _bench.Plugin("typed", "#!/bin/sh\n", """{ "inputs": [ { "name": "n", "type": "integer" } ] }""");
        _bench.Write("triggerfs.toml", $"[workers]\npluginspath = \"{_bench.Path}\"\n");
        Ended ended = await _bench.RunAsync(["run", .. words]);
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Contains(why, ended.Err);
    }

    [Fact]
    public async Task A_warm_plugin_answers_and_what_it_says_on_standard_error_is_shown()
    {
        _bench.Plugin("warm", """
            #!/usr/bin/python3
            import json, sys
            for line in sys.stdin:
                call = json.loads(line)
                print("aside", file=sys.stderr, flush=True)
                print(json.dumps({"id": call["id"], "out": call["run"]["message"].upper(), "exit": 4}), flush=True)

            """, """{ "contract": "lines" }""");
        Ended ended = await _bench.RunAsync("abc", ["run", "warm"]);
        Assert.Equal((4, "ABC"), (ended.ExitCode, ended.Out));
        Assert.Contains("plugin warm: aside", ended.Err);
    }

    [Fact]
    public async Task A_secret_of_this_host_reaches_it_and_is_masked()
    {
        File.SetUnixFileMode(_bench.Write("secrets.toml", "key = \"c4nary\"\n"), (UnixFileMode)0x180);
        _bench.Write("triggerfs.toml", $"[secrets]\nfile = \"{_bench.Path}/secrets.toml\"\n");
        Ended ended = await _bench.RunAsync("x", ["run", "tool", "--", "a=@secret:key"]);
        Assert.Equal("got x *** \n", ended.Out);
    }
}
