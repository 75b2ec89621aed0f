using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>Wrong arguments are refused before anything starts, by their names.</summary>
public sealed class InputTests : IDisposable
{
    private readonly Workshop _shop = new();

    public InputTests()
    {
        _shop.Program("sms/send",
            "#!/bin/sh\necho \"to $TRIGGERFS_ARG_TO times $TRIGGERFS_ARG_TIMES\"; touch \"$0.ran\"\n");
        _shop.Manifest("sms/send.json", """
            { "contract": "exec", "inputs": [
              { "name": "to", "required": true, "pattern": "\\+?[0-9]{4,15}" },
              { "name": "times", "type": "integer", "default": 1 },
              { "name": "urgent", "type": "boolean" },
              { "name": "pin", "pattern": "[0-9]+", "secret": true } ] }
            """);
    }

    public void Dispose()
    {
        _shop.Dispose();
    }

    [Fact]
    public void Defaults_take_the_place_of_what_is_missing() =>
        Assert.Equal("to +4912345 times 1\n", _shop.Run("sms/send", "", 30_000, ("to", "+4912345")).Out);

    [Theory]
    [InlineData("the argument 'to' is missing", "times=2")]
    [InlineData("the argument 'to' is wrong: 'x; rm' does not match \\+?[0-9]{4,15}", "to=x; rm")]
    [InlineData("the argument 'times' is wrong: 'two' is not an integer", "to=12345", "times=two")]
    [InlineData("the argument 'urgent' is wrong: 'yes' is not true or false", "to=12345", "urgent=yes")]
    [InlineData("the plugin has no argument 'tto': it takes to, times, urgent, pin; did you mean 'to'?", "tto=1")]
    public void A_wrong_one_is_named_and_nothing_runs(string why, params string[] args)
    {
        Assert.StartsWith(why, _shop.Refusal(126, "sms/send", [.. args.Select(Pair)]));
        Assert.False(File.Exists($"{_shop.Path}/sms/send.ran"));
    }

    [Fact]
    public void A_wrong_secret_one_is_named_and_not_repeated()
    {
        string why = _shop.Refusal(126, "sms/send", ("to", "12345"), ("pin", "hunter2"));
        Assert.StartsWith("the argument 'pin' is wrong: its value does not match [0-9]+", why);
        Assert.DoesNotContain("hunter2", why);
    }

    [Fact]
    public void A_plugin_that_declares_none_takes_none()
    {
        _shop.Program("bare", "#!/bin/sh\ntrue\n");
        _shop.Manifest("bare.json", """{ "inputs": [] }""");
        Assert.StartsWith("the plugin has no argument 'a': it takes none", _shop.Refusal(126, "bare", ("a", "b")));
    }

    [Fact]
    public void The_manifest_of_the_folder_counts_for_the_program_that_it_names()
    {
        _shop.Program("pair/one", "#!/bin/sh\necho one\n");
        _shop.Program("pair/two", "#!/bin/sh\necho two\n");
        _shop.Manifest("pair/plugin.json", """{ "name": "pair/one", "inputs": [] }""");
        Assert.Contains("takes none", _shop.Refusal(126, "pair/one", ("a", "b")));
        Assert.Equal("two\n", _shop.Run("pair/two", "", 30_000, ("a", "b")).Out);
    }

    [Fact]
    public void A_broken_manifest_is_said_to_whoever_asks()
    {
        _shop.Program("tool", "#!/bin/sh\ntrue\n");
        _shop.Manifest("tool.json", "{ nonsense");
        Assert.Contains("tool.json:1: this is no manifest", _shop.Refusal(126, "tool"));
    }

    [Fact]
    public void An_unknown_key_is_in_the_workers_log_and_the_plugin_runs()
    {
        _shop.Program("tool", "#!/bin/sh\necho runs\n");
        _shop.Manifest("tool.json", """{ "tiemout": "1s" }""");
        Assert.Equal("runs\n", _shop.Run("tool").Out);
        Assert.Contains(_shop.Stage.Log.Lines, line =>
            line == "W: the manifest of plugin tool: 'tiemout' is not known, did you mean 'timeout'?");
    }

    [Fact]
    public void The_time_of_the_manifest_ends_a_run_and_is_the_reason()
    {
        _shop.Program("slow", "#!/bin/sh\necho $TRIGGERFS_TIMEOUT\nexec sleep 60\n");
        _shop.Manifest("slow.json", """{ "timeout": "300ms" }""");
        (End end, string text, _) = _shop.Run("slow");
        Assert.Equal((Outcome.TimedOut, "0.3\n"), (end.Outcome, text));
        Assert.StartsWith("its plugin may take 300ms and no longer", end.Detail);
    }

    [Fact]
    public void A_plugin_for_another_machine_is_not_started()
    {
        _shop.Program("tool", "#!/bin/sh\ntrue\n");
        _shop.Manifest("tool.json", """{ "platforms": ["linux-riscv64"] }""");
        Assert.Contains("is not for this machine", _shop.Refusal(126, "tool"));
    }

    private static (string, string) Pair(string arg) => (arg[..arg.IndexOf('=')], arg[(arg.IndexOf('=') + 1)..]);
}
