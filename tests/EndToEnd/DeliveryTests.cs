using static TriggerFs.Tests.EndToEnd.TwoMounts;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>How messages are delivered, as a real mount, broker and worker do it.</summary>
public sealed class DeliveryTests(TwoMounts mounts) : IClassFixture<TwoMounts>
{
    private string A => mounts.A;

    private string Work => mounts.Site.Folder;

    [SkippableFact]
    public async Task A_message_that_fails_is_tried_again_after_its_backoff_and_is_a_dead_letter_then()
    {
        await TriggerAsync("fails", "retry 2", "backoff 10ms..20ms");
        await DoAsync(A, $"echo 'echo \"attempt $TRIGGERFS_ATTEMPT\" >> {Work}/attempts; exit 7' > fails/t");
        await ShowsAsync(Work, "cat attempts", "attempt 1\nattempt 2\nattempt 3");
        await Site.UntilAsync(
            async () => (await mounts.Site.CliAsync("show dead-letters")).Out.Contains("exit code 7 at the last"),
            "it is no dead letter");

        System.Diagnostics.ProcessStartInfo console = RealProgram.Start(Work,
            ["--config", mounts.Site.SettingsFile, "cli", "-c", $"request dead-letter {await LetterAsync()} edit"]);
        console.Environment["EDITOR"] = "sed -i s/7/0/";
        Ended edited = await TypedTerminal.RunAsync(console, []);
        Assert.True(edited.ExitCode == 0, edited.Out + edited.Err);
        await ShowsAsync(Work, "tail -n 1 attempts", "attempt 4");
        await Site.UntilAsync(
            async () => (await mounts.Site.CliAsync("show dead-letters")).Out.Contains("(0 rows)"),
            "it is still there");
    }

    [SkippableFact]
    public async Task A_mount_tells_how_its_spool_is_in_a_file_and_on_the_command_line()
    {
        await TriggerAsync("spooled");
        await DoAsync(A, "echo true > spooled/t");
        await ShowsAsync(A, "grep -E '^(broker|depth|sync|rejected):' .triggerfs/spool | tr '\n' ' '",
            "broker: connected depth: 0 sync: interval 100ms rejected: 0 ");
        string told = (await mounts.Site.RunAsync("mount", "--status", A)).Out;
        Assert.Matches($"(?s)^mountpoint: {A}\n.*state: connected\n.*takenpersecond: ", told);
        Assert.Contains($"mountpoint: {mounts.B}\n", (await mounts.Site.RunAsync("mount", "--status")).Out);
        Ended none = await mounts.Site.RunAsync("mount", "--status", Work);
        Assert.Contains("no triggerFS that you may look into is mounted on", none.Err);
        Assert.NotEqual(0, none.ExitCode);
    }

    [SkippableFact]
    public async Task A_trigger_that_runs_one_at_a_time_drops_what_comes_meanwhile_and_says_so()
    {
        await TriggerAsync("single", "max-inflight 1", "on-busy drop");
        string command = $"echo one >> {Work}/single.log; until [ -e {Work}/go ]; do sleep 0.02; done";
        await DoAsync(A, $"echo '{command}' > single/t");
        await ShowsAsync(Work, "cat single.log", "one");
        await DoAsync(A, $"echo 'echo two >> {Work}/single.log' > single/t");
        await mounts.MountA.LineAsync("the message was left out");
        await DoAsync(Work, "touch go");
        await Site.UntilAsync(
            async () => (await mounts.Site.CliAsync("show jobs")).Out.Contains("(0 rows)"), "it still runs");
        await DoAsync(A, $"echo 'echo three >> {Work}/single.log' > single/t");
        await ShowsAsync(Work, "cat single.log", "one\nthree");
    }

    [SkippableFact]
    public async Task Of_messages_that_wait_for_a_service_the_equal_ones_and_the_older_ones_are_left_out()
    {
        await TriggerAsync("unique", "unique on");
        await TriggerAsync("newest", "on-busy replace");
        await mounts.Site.CliAsync("set services name later");
        foreach (string name in (string[])["unique", "newest"])
            await mounts.Site.CliAsync($"set trigger /{name}/t service attach later");
        await DoAsync(A, $"for i in 1 2 3; do echo 'echo u >> {Work}/unique.log' > unique/t; done");
        await DoAsync(A, $"for i in 1 2 3; do echo 'echo '$i' >> {Work}/newest.log' > newest/t; done");
        await ShowsAsync(A, "grep -o '^waiting: .*' .triggerfs/status", "waiting: 0");
        await mounts.Site.CliAsync("set services later workers add demo01");
        await ShowsAsync(Work, "cat unique.log newest.log", "u\n3");
    }

    /// <summary>The number of the only dead letter.</summary>
    private async Task<string> LetterAsync()
    {
        string shown = (await mounts.Site.RunAsync("cli", "--output", "csv", "-c", "show dead-letters")).Out;
        return shown.Split('\n')[1].Split(',')[0];
    }

    private async Task TriggerAsync(string name, params string[] settings)
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync($"/{name}", "t");
        await mounts.Site.CliAsync([.. settings.Select(setting => $"set trigger /{name}/t {setting}")]);
        await ShowsAsync(A, $"ls {name}", "t");
    }
}
