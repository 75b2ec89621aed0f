namespace TriggerFs.Tests.EndToEnd;

/// <summary>One user in several teams: founded, gone to, invited into, and left; with the real program.</summary>
public sealed class TeamTests : IAsyncLifetime
{
    private const string AliceSecret = "the first secret of alice";
    private const string OwnSecret = "a secret that alice chose";

    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.UserAsync("alice", "member", AliceSecret);
        Ended chosen = await _site.TypeAsAsync("alice", AliceSecret, OwnSecret,
            "cli", "--secret-file", "-", "-c", "set users alice secret");
        Assert.True(chosen.ExitCode == 0, chosen.Err);
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_user_founds_a_team_and_works_in_both_by_going_there_and_by_an_option()
    {
        Ended both = await AliceAsync(
            "set teams name others", "team others", "set workers identity demo99", "show workers", "team team1",
            "show workers");
        Assert.Equal(0, both.ExitCode);
        Assert.Single(both.Out.Split('\n'), line => line.Contains("demo99", StringComparison.Ordinal)
            && line.StartsWith('|'));
        Ended there = await _site.AsAsync("alice", OwnSecret, "--team", "others", "cli", "-c", "show workers");
        Assert.Contains("demo99", there.Out, StringComparison.Ordinal);
        Ended teams = await AliceAsync("show teams");
        Assert.Contains("others", teams.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("others", (await _site.CliAsync("show users")).Out, StringComparison.Ordinal);
        Ended admin = await _site.RunAsync("cli", "-c", "team others");
        Assert.Equal(77, admin.ExitCode);
    }

    [Fact]
    public async Task Somebody_is_invited_hears_of_it_accepts_and_leaves_again()
    {
        await AliceAsync("set teams name others");
        await _site.UserAsync("bobby", "member", "the secret of bobby");
        Ended own = await _site.TypeAsAsync("bobby", "the secret of bobby", "the own secret of bobby",
            "cli", "--secret-file", "-", "-c", "set users bobby secret");
        Assert.True(own.ExitCode == 0, own.Err);
        Ended invited = await _site.AsAsync("alice", OwnSecret, "--team", "others", "cli",
            "-c", "request team invite bobby role member", "-c", "show invitations");
        Assert.True(invited.ExitCode == 0, invited.Err);

        string letter = (await BobbyAsync("show mailbox")).Out;
        string number = System.Text.RegularExpressions.Regex.Match(letter, "request invitation ([0-9]+) accept")
            .Groups[1].Value;
        Assert.Equal(69, (await AliceAsync($"request invitation {number} accept")).ExitCode);
        Ended accepted = await BobbyAsync($"request invitation {number} accept", "team others", "show users");
        Assert.True(accepted.ExitCode == 0, accepted.Err);
        Assert.Contains("alice", accepted.Out, StringComparison.Ordinal);
        Ended left = await BobbyAsync("team others", "request team leave --yes");
        Assert.True(left.ExitCode == 0, left.Out + left.Err);
        Assert.Equal(77, (await BobbyAsync("team others")).ExitCode);
    }

    [Fact]
    public async Task An_announcement_is_in_everybodys_mailbox_until_it_is_deleted()
    {
        await _site.CliAsync("request broker announce 'maintenance at eight'");
        Ended read = await AliceAsync("show mailbox");
        Assert.Matches(@"\| new +\| announcement +\| maintenance at eight ", read.Out);
        Assert.DoesNotMatch(@"\| new ", (await AliceAsync("show mailbox")).Out);
        await AliceAsync("delete mailbox all");
        Assert.Contains("(0 rows)", (await AliceAsync("show mailbox")).Out, StringComparison.Ordinal);
        Assert.Equal(77, (await AliceAsync("request broker announce hello")).ExitCode);
    }

    [Fact]
    public async Task A_broker_that_is_told_to_shut_down_does_so_and_everybody_hears_of_it()
    {
        Child worker = await _site.WorkerAsync("demo01");
        Assert.Equal(77, (await AliceAsync("request broker shutdown now --yes")).ExitCode);
        await _site.CliAsync("request broker shutdown in 1s --yes");
        Assert.Equal(0, await _site.Broker.EndAsync());
        await worker.LineAsync("the broker is shutting down");
        await _site.StartBrokerAsync();
        await _site.OnlineAsync("demo01");
        Assert.Contains("shuts down at", (await AliceAsync("show mailbox")).Out, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task On_a_terminal_the_prompt_follows_and_letters_are_told()
    {
        Skip.IfNot(TypedTerminal.IsThere, "python3, which plays the terminal, is not installed");
        await _site.CliAsync("set users alice role admin", "request broker announce 'maintenance at eight'");
        Ended ended = await TypedTerminal.RunAsync(_site,
        [
            "(team1) admin@", "set teams name others\\r", "(team1) admin@", "team others\\r", "(others) admin@",
            "exit\\r",
        ], "cli");
        Assert.Contains("You have 1 new letter: show mailbox", ended.Out, StringComparison.Ordinal);
        Assert.Equal(0, ended.ExitCode);
    }

    private Task<Ended> AliceAsync(params string[] statements) => AsAsync("alice", OwnSecret, statements);

    private Task<Ended> BobbyAsync(params string[] statements) =>
        AsAsync("bobby", "the own secret of bobby", statements);

    private Task<Ended> AsAsync(string who, string secret, string[] statements) =>
        _site.AsAsync(who, secret, ["cli", .. statements.SelectMany(one => new[] { "-c", one })]);
}
