using TriggerFs.Commands;
using TriggerFs.Commands.Worker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>What the settings say about who plugins run as and how much they take, with real programs.</summary>
public sealed class ConfinementTests
{
    private static string Out(WorkerPolicy policy, string command)
    {
        using var stage = new WorkerStage(policy: policy);
        ulong run = stage.Begin(command);
        End end = stage.EndOf(run);
        return $"{end.ExitCode} {stage.TextOf(run)}{stage.TextOf(run, isError: true)}".TrimEnd();
    }

    private static void NeedRoot() => Skip.IfNot(Environment.IsPrivilegedProcess, "only root can become somebody else");

    [Fact]
    public void The_folder_is_the_one_of_the_settings() =>
        Assert.Equal("0 /usr", Out(new() { WorkDir = "/usr" }, "pwd"));

    [Fact]
    public void A_folder_that_is_not_there_is_the_reason()
    {
        using var stage = new WorkerStage(policy: new() { WorkDir = "/no/such" });
        End end = stage.EndOf(stage.Begin("true"));
        Assert.Equal((Outcome.NotStarted, 126), (end.Outcome, end.ExitCode));
        Assert.Equal("workdir /no/such is not there", end.Detail);
    }

    [Fact]
    public void The_umask_is_the_one_of_the_settings() => Assert.Equal("0 0027", Out(new() { Umask = 0x17 }, "umask"));

    [Fact]
    public void Open_files_are_limited_softly_and_hard() =>
        Assert.Equal("0 100 100", Out(new() { NoFile = 100 }, "echo $(ulimit -Sn) $(ulimit -Hn)"));

    [Fact]
    public void They_give_way_to_others()
    {
        int ours = int.Parse(Out(new(), "nice").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"0 {ours + 5}", Out(new() { Nice = 5 }, "nice"));
    }

    [Fact]
    public void A_program_that_wants_more_memory_than_allowed_does_not_get_it()
    {
        string text = Out(new() { Memory = 64 << 20 }, "head -c 200000000 /dev/zero | sort > /dev/null");
        Assert.DoesNotMatch("^0", text);
        Assert.Equal("0 ok", Out(new() { Memory = 64 << 20 }, "echo ok"));
    }

    [SkippableFact]
    public void They_run_as_the_user_of_the_settings_with_that_users_groups_alone()
    {
        NeedRoot();
        Assert.Equal("0 65534 65534 65534", Out(new() { User = "65534:65534" }, "echo $(id -u) $(id -g) $(id -G)"));
        Assert.Equal("0 nobody", Out(new() { User = "nobody" }, "id -un"));
    }

    [SkippableFact]
    public void They_cannot_become_root_again()
    {
        NeedRoot();
        string ids = Out(new() { User = "nobody" }, "echo $(grep ^Uid: /proc/self/status | cut -f2-)");
        Assert.Equal("0 65534 65534 65534 65534", ids);
    }

    [SkippableFact]
    public void They_cannot_read_the_workers_own_environment()
    {
        NeedRoot();
        string text = Out(new() { User = "nobody" }, "cat /proc/$PPID/environ");
        Assert.Contains("Permission denied", text);
    }

    [SkippableFact]
    public void Their_time_ends_them_all_the_same()
    {
        NeedRoot();
        using var stage = new WorkerStage(policy: new() { User = "nobody", NoFile = 64 });
        string mark = $"{Random.Shared.Next(100_000, 999_999)}.{Random.Shared.Next(100_000, 999_999)}";
        ulong run = stage.Begin($"trap '' TERM; setsid sleep {mark} & sleep {mark}", timeoutMs: 2000);
        Assert.Equal(Outcome.TimedOut, stage.EndOf(run).Outcome);
        Assert.Empty(WorkerStage.Living(mark));
    }

    [Fact]
    public void Signals_have_their_defaults_and_long_commands_run_also_under_limits()
    {
        Assert.Equal("0 141", Out(new() { NoFile = 100 }, "yes | head -n 1 > /dev/null; echo ${PIPESTATUS[0]}"));
        Assert.Equal("0 long", Out(new() { NoFile = 100 }, new string('#', 200_000) + "\necho long"));
    }

    [Fact]
    public void A_program_that_cannot_be_started_under_limits_says_why()
    {
        using var shop = new Plugins.Workshop(policy => policy with { NoFile = 100 });
        shop.Program("odd", "#!/no/such/interpreter\n");
        (End end, _, string errors) = shop.Run("odd");
        Assert.Equal(126, end.ExitCode);
        Assert.Contains("odd cannot be started: No such file or directory", errors);
    }

    [Fact]
    public void A_user_that_is_not_there_is_refused_at_the_start()
    {
        var refusal = Assert.Throws<TriggerException>(() => Confinement.Of(new() { User = "no-such-user" }, "/x"));
        Assert.Equal(ErrorCode.Settings, refusal.Code);
    }

    [Fact]
    public void A_run_that_writes_more_than_allowed_is_ended_and_told_why()
    {
        using var stage = new WorkerStage(policy: new() { MaxOutput = 100_000 });
        stage.Link.Keeps = false;
        End end = stage.EndOf(stage.Begin("yes"));
        Assert.Equal(Outcome.Cancelled, end.Outcome);
        Assert.StartsWith("it wrote more than the 100000 bytes that the worker's max-output allows", end.Detail);
        Assert.Equal(0, stage.EndOf(stage.Begin("head -c 100000 /dev/zero")).ExitCode);
    }

    [Fact]
    public void Without_any_of_it_nothing_stands_between() => Assert.Null(Confinement.Of(new(), "/x"));
}
