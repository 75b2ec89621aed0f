using System.Buffers.Text;
using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// Who is refused, and what is not told: JWTs that are not good, other teams' things, too large messages.
/// </summary>
public sealed class RefusalTests(GuardedSite guarded) : IClassFixture<GuardedSite>
{
    private readonly Site _site = guarded.Site;

    [Fact]
    public async Task A_JWT_alone_signs_in()
    {
        Ended ended = await SignInAsync(guarded.GoodJwt());
        Assert.True(ended.ExitCode == 0, ended.Err);
        Assert.Contains("w1", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_forged_JWT_is_refused()
    {
        string[] parts = guarded.GoodJwt().Split('.');
        byte[] signature = Base64Url.DecodeFromChars(parts[2]);
        signature[^1] ^= 1;
        return RefusedAsync($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(signature)}", "this broker issued");
    }

    [Fact]
    public Task A_JWT_with_other_claims_under_a_good_signature_is_refused()
    {
        string[] parts = guarded.GoodJwt().Split('.');
        string claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]))
            .Replace(Site.Team, GuardedSite.OtherTeam, StringComparison.Ordinal);
        string other = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
        return RefusedAsync($"{parts[0]}.{other}.{parts[2]}", "this broker issued");
    }

    [Fact]
    public Task An_expired_JWT_is_refused() => RefusedAsync(
        guarded.Tokens.Issue(guarded.Admin(TimeSpan.FromHours(-2), TimeSpan.FromSeconds(-1))), "it has expired");

    [Fact]
    public Task A_JWT_of_no_algorithm_is_refused()
    {
        string header = Base64Url.EncodeToString("""{"alg":"none","typ":"JWT"}"""u8);
        return RefusedAsync($"{header}.{guarded.GoodJwt().Split('.')[1]}.", "this broker issued");
    }

    [Fact]
    public Task A_JWT_of_somebody_else_is_refused() => RefusedAsync(
        guarded.Tokens.Issue(guarded.Admin(TimeSpan.Zero, TimeSpan.FromHours(1)) with { Identity = "eve" }),
        "not, or no longer, this identity's");

    [Theory]
    [InlineData(GuardedSite.OtherService)]
    [InlineData(GuardedSite.OtherWorker)]
    [InlineData($"{GuardedSite.OtherTeam}/{GuardedSite.OtherService}")]
    [InlineData($"{GuardedSite.OtherTeam}/{GuardedSite.OtherWorker}")]
    public async Task A_service_of_another_team_reads_as_one_that_is_not_there(string service)
    {
        const string Nobodys = "nobodys";
        Ended theirs = await _site.ClientAsync(service, "true");
        Ended nobodys = await _site.ClientAsync(Nobodys, "true");
        Assert.Equal((69, ""), (theirs.ExitCode, theirs.Out));
        Assert.Contains($"there is no service '{service}'", theirs.Err, StringComparison.Ordinal);
        Assert.Equal(nobodys.Err, theirs.Err.Replace(service, Nobodys, StringComparison.Ordinal));
        Assert.Equal(nobodys.ExitCode, theirs.ExitCode);
        await guarded.ServesAsync();
    }

    [Theory]
    [InlineData("show services {0}", GuardedSite.OtherService)]
    [InlineData("set services {0} algorithm mirror", GuardedSite.OtherService)]
    [InlineData("delete services {0} --yes", GuardedSite.OtherService)]
    [InlineData("show workers {0}", GuardedSite.OtherWorker)]
    [InlineData("show workers {0} token", GuardedSite.OtherWorker)]
    [InlineData("set services w1 workers add {0}", GuardedSite.OtherWorker)]
    public async Task A_statement_on_another_teams_thing_reads_as_on_none(string statement, string name)
    {
        const string Nobodys = "nobodys";
        Ended theirs = await _site.RunAsync("cli", "-c", statement.Replace("{0}", name, StringComparison.Ordinal));
        Ended nobodys = await _site.RunAsync("cli", "-c", statement.Replace("{0}", Nobodys, StringComparison.Ordinal));
        Assert.NotEqual(0, theirs.ExitCode);
        Assert.Equal(
            (nobodys.ExitCode, nobodys.Out, nobodys.Err),
            (theirs.ExitCode, theirs.Out, theirs.Err.Replace(name, Nobodys, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_listing_names_anything_of_another_team()
    {
        string all = (await _site.CliAsync("show services", "show workers", "show triggers")).Out;
        Assert.Contains("w1", all, StringComparison.Ordinal);
        Assert.DoesNotContain(GuardedSite.OtherService, all, StringComparison.Ordinal);
        Assert.DoesNotContain(GuardedSite.OtherWorker, all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_right_secret_for_another_team_reads_as_for_one_that_is_not_there()
    {
        Ended theirs = await _site.RunAsync("cli", "--team", GuardedSite.OtherTeam, "-c", "show workers");
        Ended nobodys = await _site.RunAsync("cli", "--team", "noteam", "-c", "show workers");
        Assert.Equal((77, ""), (theirs.ExitCode, theirs.Out));
        Assert.Equal(nobodys.Err, theirs.Err);
    }

    [Fact]
    public async Task A_workers_token_is_worth_nothing_in_another_team()
    {
        var start = RealProgram.Start(
            _site.Folder,
            ["--config", _site.SettingsFile, "worker", "-identity", GuardedSite.OtherWorker, "-team", Site.Team]);
        start.Environment["TRIGGERFS_TOKEN"] = GuardedSite.OtherToken;
        Ended worker = await Ended.RunAsync(start);
        Assert.Equal(77, worker.ExitCode);
        Assert.Contains("token", worker.Err, StringComparison.Ordinal);
        Assert.DoesNotContain(GuardedSite.OtherToken, worker.Err + _site.Broker.Text, StringComparison.Ordinal);
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_and_nothing_of_it_runs()
    {
        byte[] message = Message($"touch '{_site.Folder}/ran'\n", Limits.PayloadMax + 1);
        Ended ended = await _site.RunAsync(["client", "-service", "w1", "-plugin", "command/command"], message);
        Assert.Equal((65, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("the message is too large", ended.Err, StringComparison.Ordinal);
        Assert.Contains($"{Limits.PayloadMax} bytes", ended.Err, StringComparison.Ordinal);
        await guarded.ServesAsync();
        Assert.False(File.Exists(Path.Join(_site.Folder, "ran")));
    }

    [Fact]
    public async Task A_message_as_large_as_the_limit_is_carried_whole()
    {
        byte[] message = Message("echo it", Limits.PayloadMax);
        Ended ended = await _site.RunAsync(["client", "-service", "w1", "-plugin", "echo"], message);
        Assert.True(ended.ExitCode == 0, ended.Err);
        Assert.Equal(message, ended.OutBytes);
    }

    [Fact]
    public async Task A_command_as_large_as_the_limit_runs()
    {
        byte[] message = Message("echo it ran; exit 3\n", Limits.PayloadMax);
        Ended ended = await _site.RunAsync(["client", "-service", "w1", "-plugin", "command/command"], message);
        Assert.Equal((3, "it ran\n"), (ended.ExitCode, ended.Out));
    }

    [Fact]
    public async Task Arguments_over_the_limit_are_refused_before_anything_is_sent()
    {
        string value = new('x', 30_000);
        string[] args = [.. Enumerable.Range(0, 5).SelectMany(i => new[] { "-args", $"k{i}={value}" })];
        Ended ended = await _site.ClientAsync("w1", "true", args);
        Assert.Equal((65, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("over the limit", ended.Err, StringComparison.Ordinal);
    }

    /// <summary>A command, and behind it as much of a comment as is missing to the length.</summary>
    private static byte[] Message(string command, int length) => Encoding.UTF8.GetBytes(command.PadRight(length, '#'));

    private async Task RefusedAsync(string jwt, string why)
    {
        Ended ended = await SignInAsync(jwt);
        Assert.Equal((77, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("the JWT is refused", ended.Err, StringComparison.Ordinal);
        Assert.Contains(why, ended.Err, StringComparison.Ordinal);
        Assert.Contains($"{Site.Team}/{Site.Identity}", _site.Broker.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(jwt, ended.Err + _site.Broker.Text, StringComparison.Ordinal);
        await guarded.ServesAsync();
    }

    /// <summary>A console that has this JWT and no secret.</summary>
    private Task<Ended> SignInAsync(string jwt)
    {
        string[] known = [.. File.ReadLines(_site.SettingsFile).Where(line =>
            line.StartsWith("broker", StringComparison.Ordinal) || line.StartsWith("team", StringComparison.Ordinal)
            || line.StartsWith("identity", StringComparison.Ordinal))];
        string settings = Path.Join(_site.Folder, $"{Guid.NewGuid():N}.toml");
        File.WriteAllLines(settings, ["[main]", .. known]);
        var start = RealProgram.Start(_site.Folder, ["--config", settings, "cli", "-c", "show workers"]);
        start.Environment["TRIGGERFS_JWT"] = jwt;
        return Ended.RunAsync(start);
    }
}
