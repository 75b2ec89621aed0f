using System.Text.Json;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Author;

/// <summary><c>triggerfs plugin test</c> finds what is wrong with a plugin.</summary>
public sealed class TestPluginTests : IDisposable
{
    private const string Call = "\"invocation\": \"triggerfs client -service s -plugin tool -command x\"";

    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private async Task<string> TestAsync(int exitCode, string program, string? manifest = null, params string[] more)
    {
        _bench.Plugin("tool", program, manifest);
        Ended ended = await _bench.RunAsync(["test", "tool", .. more]);
        Assert.True(ended.ExitCode == exitCode, ended.Out + ended.Err);
        return ended.Out;
    }

    [Fact]
    public async Task One_that_runs_for_long_is_ended_when_it_is_told_to_and_when_its_time_is_up()
    {
        string told = await TestAsync(0, "#!/bin/sh\necho hello\nsleep 1.5\n", $"{{ {Call} }}");
        Assert.Matches("ok +answer +exit code 0 after .* 1 line of output", told);
        // On a machine that is too busy it may be told that it took too long.
        Assert.Matches("(ok|-) +cancel +(it ended .* ms after its time|.* could not be ended)", told);
        Assert.Matches("(ok|-) +timeout +(it ended .* ms after its time|.* could not be ended)", told);
        Assert.Matches("ok +leftovers +no process of it is left", told);
    }

    [Fact]
    public async Task One_that_ignores_TERM_passes_with_a_word_about_it_as_it_is_ended_all_the_same()
    {
        string told = await TestAsync(0, "#!/bin/sh\ntrap '' TERM\nsleep 2\nsleep 1\n", $"{{ {Call} }}");
        Assert.Matches("(did not heed SIGTERM, and was killed|could not be ended)", told);
        Assert.Matches("ok +leftovers +no process of it is left", told);
    }

    [Fact]
    public async Task An_exit_code_that_is_not_0_fails_with_what_it_said()
    {
        string told = await TestAsync(1, "#!/bin/sh\necho no such thing >&2; exit 3\n", $"{{ {Call} }}");
        Assert.Matches("FAILED +answer +exit code 3 .*it said: no such thing", told);
    }

    [Fact]
    public async Task A_broken_contract_fails_by_its_name()
    {
        string told = await TestAsync(
            1, "#!/bin/sh\nread line\necho rubbish\nsleep 5\n", $"{{ \"contract\": \"lines\", {Call} }}");
        Assert.Matches("FAILED +answer +exit code 76 .* broke its contract: it printed 'rubbish'", told);
    }

    [Fact]
    public async Task A_warm_one_that_does_not_end_a_cancelled_run_fails()
    {
        string told = await TestAsync(1, """
            #!/usr/bin/python3
            import json, sys, time
            for line in sys.stdin:
                call = json.loads(line)
                if "run" not in call: continue
                time.sleep(1.5)
                print(json.dumps({"id": call["id"], "exit": 0}), flush=True)

            """, $"{{ \"contract\": \"lines\", {Call} }}");
        Assert.Matches("FAILED +cancel +.*it did not end run .* when it was told to", told);
    }

    [Theory]
    [InlineData("""{ "tiemout": "1s" }""", "FAILED +manifest +'tiemout' is not known, did you mean 'timeout'")]
    [InlineData("""{ "invocation": "triggerfs client -service s -plugin other" }""", "it calls the plugin other")]
    [InlineData("""{ "invocation": "triggerfs client -service s -plugin tool; ls" }""", "only a shell can carry out")]
    [InlineData("""{ "invocation": "triggerfs client -service s -plugni tool" }""", "'-plugni' is not an option")]
    public async Task A_manifest_that_is_wrong_fails(string manifest, string why) =>
        Assert.Matches(why, await TestAsync(1, "#!/bin/sh\n", manifest));

    [Fact]
    public async Task Without_a_manifest_the_command_line_says_how_it_is_called()
    {
        string told = await TestAsync(
            0, "#!/bin/sh\n[ \"$(cat)$TRIGGERFS_ARG_A\" = xy ]\n", null, "-command", "x", "-args", "a=y");
        Assert.Matches("- +manifest +it has none beside it; by its looks its contract is exec", told);
        Assert.Contains("exit code 0", told);
    }

    [Fact]
    public async Task One_that_a_worker_would_not_run_is_refused_as_it_would_be()
    {
        _bench.Write("tool", "#!/bin/sh\n");
        Ended ended = await _bench.RunAsync("test", "tool");
        Assert.Equal(77, ended.ExitCode);
        Assert.Contains("is not executable", ended.Err);
    }

    [Fact]
    public async Task What_is_built_in_passes_too_and_json_has_all_checks()
    {
        Ended ended = await _bench.RunAsync("test", "command", "--output", "json");
        Assert.Equal(0, ended.ExitCode);
        JsonElement told = JsonDocument.Parse(ended.Out).RootElement;
        Assert.Equal(("command/command", true),
            (told.GetProperty("plugin").GetString(), told.GetProperty("passed").GetBoolean()));
        Assert.Equal(["manifest", "invocation", "answer", "cancel", "timeout", "leftovers"],
            told.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("check").GetString()));
    }
}
