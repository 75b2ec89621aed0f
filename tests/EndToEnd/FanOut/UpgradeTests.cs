namespace TriggerFs.Tests.EndToEnd.FanOut;

/// <summary>Twenty workers.</summary>
public sealed class TwentyWorkers() : MirroredWorkers(20);

/// <summary>An upgrade of twenty hosts with one command, as an administrator does it.</summary>
public sealed class UpgradeTests(TwentyWorkers twenty) : IClassFixture<TwentyWorkers>
{
    private readonly Site _site = twenty.Site;

    [Fact]
    public async Task A_mirrored_upgrade_prints_equal_output_once_and_names_who_gave_it()
    {
        Ended ended = await _site.ClientAsync("web", """
            case $TRIGGERFS_WORKER in
            w07|w11) echo 'Reading package lists...'; echo 'E: Could not get lock' >&2; exit 100;;
            *) echo 'Reading package lists...'; echo 'openssl 3.0.15 -> 3.0.16';;
            esac
            """, "--fold", "-timeout", "60s");
        Assert.Equal(100, ended.ExitCode);
        Assert.Equal("""
            18 × exit code 0: w[00-06,08-10,12-19]
            Reading package lists...
            openssl 3.0.15 -> 3.0.16

            2 × exit code 100: w[07,11]
            Reading package lists...
            standard error:
            E: Could not get lock


            """, ended.Out);
        Assert.Contains("2 of 20 workers failed", ended.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_is_made_again_on_those_that_failed_alone()
    {
        string once = Path.Combine(_site.Folder, "once");
        Directory.CreateDirectory(once);
        string command = $"echo $TRIGGERFS_WORKER >> {once}/all; case $TRIGGERFS_WORKER in "
            + $"w03|w17) [ -e {once}/$TRIGGERFS_WORKER ] || {{ touch {once}/$TRIGGERFS_WORKER; exit 9; }};; esac";
        Ended first = await _site.ClientAsync("web", command, "-timeout", "60s");
        Assert.Equal(9, first.ExitCode);
        Assert.Contains("w[03,17]", first.Err, StringComparison.Ordinal);
        string run = first.Err[(first.Err.IndexOf("--retry-failed ", StringComparison.Ordinal) + 15)..].Trim();
        Ended second = await _site.RunAsync("client", "--retry-failed", run, "--fold");
        Assert.Equal((0, "2 × exit code 0: w[03,17]\n\n"), (second.ExitCode, second.Out));
        Assert.Equal(22, File.ReadAllLines($"{once}/all").Length);
    }

    [Fact]
    public async Task A_canary_that_fails_spares_the_others()
    {
        Ended ended = await _site.ClientAsync(
            "web", "[ $TRIGGERFS_WORKER != w01 ] || exit 5", "--canary", "3", "--fold", "-timeout", "60s");
        Assert.Equal(79, ended.ExitCode);
        Assert.Equal(
            "17 × skipped: w[03-19]\n\n2 × exit code 0: w[00,02]\n\n1 × exit code 5: w01\n\n", ended.Out);
        Assert.Contains("1 of 20 workers failed, and 17 were spared", ended.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canary_that_does_well_is_followed_by_the_others()
    {
        Ended ended = await _site.ClientAsync("web", "echo ok", "--canary", "2", "--fold", "-timeout", "60s");
        Assert.Equal((0, "20 × exit code 0: w[00-19]\nok\n\n"), (ended.ExitCode, ended.Out));
    }

    [Fact]
    public async Task Too_many_failures_end_what_runs()
    {
        Ended ended = await _site.ClientAsync(
            "web", "case $TRIGGERFS_WORKER in w0?) exit 1;; esac; exec sleep 600",
            "--max-failures", "20%", "--fold", "-timeout", "120s");
        Assert.Equal(79, ended.ExitCode);
        Assert.Contains(" × cancelled: w", ended.Out, StringComparison.Ordinal);
        Assert.Contains("20 of 20 workers failed", ended.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--canary", "0")]
    [InlineData("--max-failures", "101%")]
    [InlineData("--max-failures", "many")]
    [InlineData("--canary", "-1")]
    public async Task What_cannot_be_a_number_of_workers_is_refused(string option, string value) =>
        Assert.Equal(64, (await _site.ClientAsync("web", "true", option, value)).ExitCode);

    [Fact]
    public async Task A_run_that_nobody_kept_cannot_be_made_again()
    {
        Ended ended = await _site.RunAsync("client", "--retry-failed", "4711");
        Assert.Equal(69, ended.ExitCode);
        Assert.Contains("there is no failed run 4711", ended.Err, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task On_a_terminal_progress_is_one_line_that_is_gone_at_the_end()
    {
        Skip.IfNot(TmuxTerminal.IsThere, "tmux(1) is not installed");
        string go = Path.Combine(_site.Folder, "go-on");
        await using TmuxTerminal terminal = await TmuxTerminal.StartAsync(_site, (100, 24),
        [
            "client", "-service", "web", "--fold", "-timeout", "100s", "-command",
            "case $TRIGGERFS_WORKER in w00) exit 1;; w1?) ;; "
                + $"*) until [ -e {go} ]; do sleep 0.2; done;; esac; echo fine",
        ]);
        await terminal.UntilAsync("^10 done, 1 failed, 9 running of 20 workers$");
        await File.WriteAllTextAsync(go, "");
        Assert.Equal(1, await terminal.EndAsync());
        string screen = await terminal.ScreenAsync();
        Assert.Contains("19 × exit code 0: w[01-19]", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("running of", screen, StringComparison.Ordinal);
    }
}
