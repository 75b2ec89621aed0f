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
        Assert.Contains("exit code 7 at the last", await LetterAsync("fails"));

        string edit = $"request dead-letter {await NumberAsync("fails")} edit";
        System.Diagnostics.ProcessStartInfo console = RealProgram.Start(Work,
            ["--config", mounts.Site.SettingsFile, "cli", "-c", edit]);
        // The last 7 of the line: the name of the temporary folder may have others.
        console.Environment["EDITOR"] = "sed -i s/7$/0/";
        Ended edited = await TypedTerminal.RunAsync(console, []);
        Assert.True(edited.ExitCode == 0, edited.Out + edited.Err);
        await ShowsAsync(Work, "tail -n 1 attempts", "attempt 4");
        await GoneAsync("fails");
    }

    [SkippableFact]
    public async Task The_time_before_the_next_attempt_grows()
    {
        await TriggerAsync("grows", "retry 3", "backoff 80ms..10s");
        await DoAsync(A, $"echo 'date +%s%3N >> {Work}/times; exit 1' > grows/t");
        await ShowsAsync(Work, "wc -l < times", "4");
        long[] at = [.. File.ReadLines(Path.Join(Work, "times")).Select(line => long.Parse(line))];
        // 80, 160 and 320 ms, each up to a quarter less.
        for (int i = 1; i < 4; i++) Assert.InRange(at[i] - at[i - 1], 60 << (i - 1), long.MaxValue);
        Assert.Contains("exit code 1 at the last attempt", await LetterAsync("grows"));
    }

    [SkippableFact]
    public async Task A_message_that_no_worker_took_in_time_is_a_dead_letter_that_can_be_sent_again_or_dropped()
    {
        await TriggerAsync("late", "ttl 200ms");
        await mounts.Site.CliAsync("set services name nobody", "set trigger /late/t service attach nobody");
        await DoAsync(A, $"echo 'echo kept >> {Work}/late.log' > late/t");
        Assert.Contains("it had no answer in time: it may be 200ms old (ttl)", await LetterAsync("late"));
        await mounts.MountA.LineAsync("it had no answer in time");
        await mounts.Site.CliAsync("set services nobody workers add demo01");
        await mounts.Site.CliAsync($"request dead-letter {await NumberAsync("late")} retry");
        await ShowsAsync(Work, "cat late.log", "kept");
        await GoneAsync("late");

        await mounts.Site.CliAsync("set services nobody workers remove demo01");
        await DoAsync(A, $"echo 'echo dropped >> {Work}/late.log' > late/t");
        await mounts.Site.CliAsync($"request dead-letter {await NumberAsync("late")} drop --yes");
        await GoneAsync("late");
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Join(Work, "late.log")));
    }

    [SkippableFact]
    public async Task What_waits_and_nobody_wants_any_more_is_dropped_and_what_comes_after_it_is_not()
    {
        await TriggerAsync("unwanted");
        await mounts.Site.CliAsync("set services name absent", "set trigger /unwanted/t service attach absent");
        await DoAsync(A, $"for i in 1 2 3; do echo 'echo ran >> {Work}/unwanted.log' > unwanted/t; done");
        await Site.UntilAsync(
            async () => (await mounts.Site.CliAsync("show queue | match unwanted | display jsonl")).Out.Contains(
                "\"waiting\":3", StringComparison.Ordinal),
            "not all messages wait in the broker");
        Ended dropped = await mounts.Site.CliAsync("request queue /unwanted/t drop --yes");
        Assert.Contains("3 messages are dropped", dropped.Out);
        await mounts.Site.CliAsync("set services absent workers add demo01");
        await DoAsync(A, $"echo 'echo kept >> {Work}/unwanted.log' > unwanted/t");
        await ShowsAsync(Work, "cat unwanted.log", "kept");
    }

    [SkippableFact]
    public async Task What_has_more_priority_overtakes_what_waits()
    {
        mounts.SkipUnlessThere();
        await mounts.Site.CliAsync(
            "set services name one", "set services one workers add demo01", "set services one max-inflight 1");
        foreach (string name in (string[])["first", "low", "high"])
        {
            await TriggerAsync(name);
            await mounts.Site.CliAsync($"set trigger /{name}/t service attach one");
        }
        await mounts.Site.CliAsync("set trigger /low/t priority 1", "set trigger /high/t priority 9");
        await DoAsync(A, $"echo 'touch {Work}/begun; until [ -e {Work}/on ]; do sleep 0.02; done' > first/t");
        await ShowsAsync(Work, "ls begun", "begun");
        await DoAsync(A, $"for i in 1 2; do echo 'echo low >> {Work}/order' > low/t; done");
        await DoAsync(A, $"echo 'echo high >> {Work}/order' > high/t");
        await ShowsAsync(A, "grep -o '^waiting: .*' .triggerfs/status", "waiting: 0");
        await DoAsync(Work, "touch on");
        await ShowsAsync(Work, "cat order", "high\nlow\nlow");
    }

    [SkippableFact]
    public async Task No_more_messages_of_a_trigger_run_at_once_than_it_says_and_all_have_their_turn()
    {
        await TriggerAsync("two", "max-inflight 2");
        await DoAsync(Work, "mkdir slots");
        string command = $"cd {Work}; mkdir slots/$$; ls slots | wc -l >> counts; "
            + "until [ -e open ]; do sleep 0.02; done; rmdir slots/$$; echo done >> ends";
        await DoAsync(A, $"for i in 1 2 3 4 5; do echo '{command}' > two/t; done");
        await ShowsAsync(Work, "ls slots | wc -l", "2");
        await DoAsync(Work, "touch open");
        await ShowsAsync(Work, "wc -l < ends", "5");
        Assert.All(File.ReadLines(Path.Join(Work, "counts")), count => Assert.InRange(int.Parse(count), 1, 2));
    }

    [SkippableFact]
    public async Task A_busy_trigger_that_rejects_makes_a_dead_letter_of_what_comes_meanwhile()
    {
        await TriggerAsync("rejects", "max-inflight 1", "on-busy reject");
        await DoAsync(A, $"echo 'touch {Work}/busy; until [ -e {Work}/over ]; do sleep 0.02; done' > rejects/t");
        await ShowsAsync(Work, "ls busy", "busy");
        await DoAsync(A, $"echo 'echo never' > rejects/t");
        Assert.Contains("was busy: none of its messages may wait", await LetterAsync("rejects"));
        await DoAsync(Work, "touch over");
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

    /// <summary>The only dead letter of a trigger, as a line of csv; waits for it.</summary>
    private async Task<string> LetterAsync(string trigger)
    {
        string[] letters = [];
        await Site.UntilAsync(async () => (letters = await LettersAsync(trigger)).Length > 0, "it is no dead letter");
        return Assert.Single(letters);
    }

    private async Task<string> NumberAsync(string trigger) => (await LetterAsync(trigger)).Split(',')[0];

    private Task GoneAsync(string trigger) => Site.UntilAsync(
        async () => (await LettersAsync(trigger)).Length == 0, "it is still among the dead letters");

    private async Task<string[]> LettersAsync(string trigger)
    {
        string shown = (await mounts.Site.RunAsync("cli", "--output", "csv", "-c", "show dead-letters")).Out;
        return [.. shown.Split('\n').Where(line => line.Contains($"/{trigger}/t", StringComparison.Ordinal))];
    }

    private async Task TriggerAsync(string name, params string[] settings)
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync($"/{name}", "t");
        await mounts.Site.CliAsync([.. settings.Select(setting => $"set trigger /{name}/t {setting}")]);
        await ShowsAsync(A, $"ls {name}", "t");
    }
}
