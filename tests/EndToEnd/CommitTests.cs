namespace TriggerFs.Tests.EndToEnd;

/// <summary>Configure candidate with the real program: broker, consoles, terminals.</summary>
public sealed class CommitTests : IAsyncLifetime
{
    private const string Mode = @"configure candidate#$";

    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.CliAsync("set services name web");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [SkippableFact]
    public async Task Two_consoles_that_commit_the_same_meet_and_neither_is_written_over_unseen()
    {
        await using TmuxTerminal one = await StartAsync(), two = await StartAsync();
        await one.EnterAsync("set services web timeout 10s");
        await one.EnterAsync("set services name api");
        await two.EnterAsync("edit services web");
        await two.EnterAsync("set timeout 20s");
        await two.EnterAsync("show | compare");
        await two.UntilAsync(@"^\[service web\]\n\+   timeout 20s");
        await one.EnterAsync("commit comment 'from the one'");
        await one.UntilAsync("^commit complete\nNotice: revision 2");

        await two.EnterAsync("commit");
        string screen = await two.UntilAsync(
            "somebody else changed the same meanwhile\n  why: service web timeout: revision 2 of admin");
        Assert.Contains("set service web timeout 10000 and 1 more", screen.Replace("\n", ""));
        Assert.Contains("10s", (await _site.CliAsync("show services web")).Out);
        await two.EnterAsync("update");
        await two.EnterAsync("commit");
        await two.UntilAsync("^commit complete\nNotice: revision 3");
        Assert.Contains("20s", (await _site.CliAsync("show services web")).Out);

        await two.EnterAsync("top");
        await two.EnterAsync("rollback 1");
        await two.UntilAsync("Do it\\?");
        await two.EnterAsync("yes");
        await two.UntilAsync("^Notice: revision 4 is as revision 2 was");
        Assert.Contains("10s", (await _site.CliAsync("show services web")).Out);
        await two.EnterAsync("mkdir /a");
        await two.PressAsync("C-d");
        await two.UntilAsync("1 statements are not committed");
        await two.EnterAsync("no");
        await two.UntilAsync(Mode);
    }

    [Fact]
    public async Task A_script_commits_all_or_nothing_and_says_which_statement_was_refused()
    {
        Ended refused = await _site.RunAsync("cli", "-c", "configure candidate", "-c", "set services name one",
            "-c", "set services web workers add nobody", "-c", "commit");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("statement 2 of 2 (add service web workers nobody): ", refused.Err);
        Assert.DoesNotContain("one", (await _site.CliAsync("show services")).Out);

        Ended forgotten = await _site.RunAsync("cli", "-c", "configure candidate", "-c", "set services name one");
        Assert.Equal(64, forgotten.ExitCode);
        Assert.Contains("1 statements were not committed", forgotten.Err);

        Ended done = await _site.CliAsync(
            "configure candidate", "set services name one", "set workers identity fresh",
            "set services one workers add fresh", "commit check", "commit comment 'one and fresh'");
        Assert.Contains("the check succeeds", done.Out);
        Assert.Matches("Notice: the token of fresh is [0-9a-f-]{36}", done.Out);
        string shown = (await _site.RunAsync("cli", "--output", "json", "-c", "show commits")).Out;
        Assert.Contains("\"comment\":\"one and fresh\"", shown);
        Ended verified = await _site.RunAsync("broker", "audit", "verify");
        Assert.True(verified.ExitCode == 0, verified.Err);
    }

    [Fact]
    public async Task A_commit_that_nobody_confirms_is_taken_back_also_by_a_broker_that_was_killed()
    {
        string[] change = ["configure candidate", "set services web timeout 10s", "set services web retry 7"];
        await _site.CliAsync([.. change, "commit confirmed 2s"]);
        await UntilRetryAsync("0");

        await _site.CliAsync([.. change, "commit confirmed 5s"]);
        Assert.Equal("7", await RetryAsync());
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        await _site.StartBrokerAsync();
        await UntilRetryAsync("0");
        string log = (await _site.CliAsync("show commits")).Out;
        Assert.Contains("not confirmed", log);

        await _site.CliAsync([.. change, "commit confirmed 60"]);
        Ended busy = await _site.RunAsync("cli", "-c", "mkdir /meanwhile");
        Assert.Equal(75, busy.ExitCode);
        await _site.CliAsync("configure candidate", "commit");
        await _site.CliAsync("mkdir /afterwards");
        Assert.Equal("7", await RetryAsync());
    }

    private async Task<TmuxTerminal> StartAsync()
    {
        Skip.IfNot(TmuxTerminal.IsThere, "tmux is not installed");
        TmuxTerminal terminal = await TmuxTerminal.StartAsync(_site, (130, 40), ["cli"]);
        await terminal.UntilAsync(@"admin@127\.0\.0\.1\$$");
        await terminal.EnterAsync("configure candidate");
        await terminal.UntilAsync(Mode);
        return terminal;
    }

    private async Task<string> RetryAsync()
    {
        string row = (await _site.RunAsync("cli", "--output", "jsonl", "-c", "show services web")).Out;
        return System.Text.RegularExpressions.Regex.Match(row, "\"retry\":(\\d+)").Groups[1].Value;
    }

    private Task UntilRetryAsync(string retry) =>
        Site.UntilAsync(async () => await RetryAsync() == retry, $"retry is not {retry}");
}
