using System.Text;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class ChildEnvironmentTests
{
    private static PluginCall Sample(params KeyValuePair<string, string>[] args) => new()
    {
        Run = Run,
        Args = [.. args],
        TimeoutMs = 9_985,
    };

    private static Run Run => new()
    {
        Id = new(17),
        Attempt = 2,
        Hops = 3,
        Parent = new(16),
        TimeoutMs = 10_000,
        Team = "team1"u8,
        User = "hp"u8,
        Service = "demoservice"u8,
        Trigger = "/a/b"u8,
    };

    private static string[] For(string environ, params KeyValuePair<string, string>[] args) =>
        new ChildEnvironment(Encoding.Latin1.GetBytes(environ), "demo01").For(Sample(args)).ToArray();

    [Fact]
    public void Nothing_of_the_workers_own_settings_passes() => Assert.Equal(
        ["PATH=/bin", "HOME=/root"],
        For("PATH=/bin\0TRIGGERFS_TOKEN=x\0TRIGGERFS_ANY=x\0NOTIFY_SOCKET=/x\0LISTEN_FDS=1\0HOME=/root\0")[..2]);

    [Fact]
    public void The_run_is_described() => Assert.Equal(
        [
            "TRIGGERFS_RUN_ID=17", "TRIGGERFS_TEAM=team1", "TRIGGERFS_SERVICE=demoservice", "TRIGGERFS_WORKER=demo01",
            "TRIGGERFS_USER=hp", "TRIGGERFS_TRIGGER=/a/b", "TRIGGERFS_TIMEOUT=9.985", "TRIGGERFS_ATTEMPT=2",
            "TRIGGERFS_HOPS=3", "TRIGGERFS_PARENT=16",
        ],
        For(""));

    [Fact]
    public void Arguments_become_variables_in_capitals() => Assert.Equal(
        ["TRIGGERFS_ARG_PATH=/x y", "TRIGGERFS_ARG_A_B_=ü\n"],
        For("", new("path", "/x y"), new("a-bé", "ü\n"))[^2..]);

    [Fact]
    public void A_name_that_only_begins_like_one_of_ours_passes() =>
        Assert.Contains("NOTIFY_SOCKET_PATH=1", For("NOTIFY_SOCKET_PATH=1\0"));

    [Fact]
    public void What_is_not_UTF8_passes_byte_for_byte()
    {
        var environment = new ChildEnvironment([(byte)'A', (byte)'=', 0xFF, 0xFE, 0], "demo01");
        byte[] variable = [(byte)'A', (byte)'=', 0xFF, 0xFE, 0];
        Assert.True(environment.For(Sample()).Bytes.StartsWith(variable));
    }

    [Fact]
    public void An_argument_with_a_NUL_byte_is_refused() =>
        AssertRefused(KeyValuePair.Create("a", "b\0c"));

    [Fact]
    public void Two_arguments_that_are_one_variable_are_refused() =>
        AssertRefused(new("a.b", "1"), new("a-b", "2"));

    private static void AssertRefused(params KeyValuePair<string, string>[] args) =>
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<TriggerException>(() => For("", args)).Code);

    [Fact]
    public void Only_the_variables_that_the_settings_name_pass()
    {
        var environment = new ChildEnvironment("PATH=/bin\0LC_ALL=C\0SSH_AUTH_SOCK=/x\0"u8, "demo01", ["PATH", "LC_*"]);
        Assert.Equal(["PATH=/bin", "LC_ALL=C", "TRIGGERFS_RUN_ID=17"], environment.For(Sample()).ToArray()[..3]);
    }

    [Fact]
    public void A_program_for_many_runs_hears_of_none_of_them() => Assert.Equal(
        ["PATH=/bin", "TRIGGERFS_PROCESS_ID=99", "TRIGGERFS_WORKER=demo01", "TRIGGERFS_CONTRACT=lines/1"],
        new ChildEnvironment("PATH=/bin\0"u8, "demo01").ForMany(99, "lines/1").ToArray());

    [Fact]
    public void A_command_sees_all_of_it_and_no_token()
    {
        string path = Environment.GetEnvironmentVariable("PATH")!;
        using var stage = new WorkerStage($"PATH={path}\0TRIGGERFS_TOKEN=canary\0");
        ulong run = WorkerStage.NextRun();
        var arg = KeyValuePair.Create("k", "v");
        stage.Link.Deliver(WorkerStage.RunMessage(run, "command/command", "env"u8, 5000, Limits.OutputWindow, arg));
        stage.EndOf(run);
        string[] lines = stage.TextOf(run).Split('\n');
        Assert.Contains($"TRIGGERFS_RUN_ID={run}", lines);
        Assert.Contains("TRIGGERFS_TRIGGER=/newtrigger/demotrigger", lines);
        Assert.Contains("TRIGGERFS_TIMEOUT=5", lines);
        Assert.Contains("TRIGGERFS_ARG_K=v", lines);
        Assert.DoesNotContain("canary", stage.TextOf(run));
    }
}
