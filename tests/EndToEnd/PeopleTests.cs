using System.Diagnostics;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Users as an admin makes and unmakes them, with the real program and real sessions.</summary>
public sealed class PeopleTests : IAsyncLifetime
{
    private const string AliceSecret = "the first secret of alice";
    private const string NewSecret = "a secret that alice chose";

    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.UserAsync("alice", "member", AliceSecret);
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_new_user_signs_in_and_makes_and_is_shown()
    {
        Ended made = await _site.AsAsync("alice", AliceSecret, "cli", "-c", "set workers identity alices");
        Assert.True(made.ExitCode == 0, made.Err);
        string users = (await _site.CliAsync("show users")).Out;
        Assert.Matches(@"\| alice +\| +\| +\| member +\| active ", users);
        Ended refused = await _site.AsAsync("alice", AliceSecret, "cli", "-c", "set users alice role admin");
        Assert.Equal(77, refused.ExitCode);
    }

    [Fact]
    public async Task A_user_chooses_a_secret_and_the_one_before_it_means_nothing_any_more()
    {
        Ended wrong = await ChooseAsync("not the secret of now");
        Assert.Equal(77, wrong.ExitCode);
        Ended changed = await ChooseAsync(AliceSecret);
        Assert.True(changed.ExitCode == 0, changed.Err);
        Assert.Equal(77, (await _site.AsAsync("alice", AliceSecret, "cli", "-c", "show users")).ExitCode);
        Assert.Equal(0, (await _site.AsAsync("alice", NewSecret, "cli", "-c", "show users")).ExitCode);

        // The session is one of the right secret; what is in the settings is what it proves itself with.
        async Task<Ended> ChooseAsync(string now)
        {
            await using UserSession session = _site.Session("alice", AliceSecret);
            await session.OpenAsync(TimeSpan.FromSeconds(20), default);
            try
            {
                await session.ManageAsync(
                    Verb.Set, ObjectKind.User, "alice", Properties.Secret, [NewSecret, now], default);
                return new(0, [], "");
            }
            catch (TriggerException refusal)
            {
                return new(77, [], refusal.Report());
            }
        }
    }

    [Fact]
    public async Task A_short_secret_is_refused_with_how_long_it_has_to_be()
    {
        Ended ended = await _site.RunAsync(
            ["cli", "--secret-file", "-", "-c", "set users identity carol role member"], "short"u8.ToArray());
        Assert.Equal(64, ended.ExitCode);
        Assert.Contains("at least 12 characters", ended.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("carol", (await _site.CliAsync("show users")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("set users alice disabled")]
    [InlineData("set users alice role observer")]
    [InlineData("set users alice secret")]
    [InlineData("delete users alice --yes")]
    public async Task Sessions_and_stolen_JWTs_end_within_a_second(string statement)
    {
        await using UserSession session = _site.Session("alice", AliceSecret);
        var parted = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Parted += (_, _) => parted.TrySetResult(Stopwatch.GetTimestamp());
        session.TurnedAway += (_, _) => parted.TrySetResult(Stopwatch.GetTimestamp());
        string stolen = (await session.OpenAsync(TimeSpan.FromSeconds(20), default)).Jwt;
        Assert.Equal("Accepted", await TryAsync(stolen));

        await using UserSession admin = _site.Session();
        await admin.OpenAsync(TimeSpan.FromSeconds(20), default);
        await AskAsync(admin, statement);
        long done = Stopwatch.GetTimestamp();
        long ended = await parted.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(Stopwatch.GetElapsedTime(Math.Min(done, ended), ended).TotalMilliseconds, 0, 1000);
        Assert.Equal("Unauthenticated", await TryAsync(stolen));
    }

    [SkippableFact]
    public async Task On_a_terminal_secrets_are_asked_for_and_shown_nowhere()
    {
        Skip.IfNot(TypedTerminal.IsThere, "python3, which plays the terminal, is not installed");
        Ended ended = await TypedTerminal.RunAsync(_site,
            ["Secret for carol", "carols own secret\r", "Once more", "carols own secret\r"],
            "cli", "-c", "set users identity carol role observer");
        Assert.True(ended.ExitCode == 0, ended.Out);
        Assert.DoesNotContain("carols own secret", ended.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await _site.AsAsync("carol", "carols own secret", "cli", "-c", "show users")).ExitCode);
        Assert.Equal(77, (await _site.AsAsync("carol", "carols own secret", "cli", "-c", "mkdir /c")).ExitCode);
        Assert.DoesNotContain("carols own secret", _site.Broker.Text, StringComparison.Ordinal);
    }

    private static Task AskAsync(UserSession admin, string statement) => statement.Split(' ') switch
    {
        ["delete", ..] => admin.ManageAsync(Verb.Delete, ObjectKind.User, "alice", "", [], default),
        [.., "secret"] => admin.ManageAsync(Verb.Set, ObjectKind.User, "alice", "secret", [NewSecret], default),
        [.., "disabled"] => admin.ManageAsync(Verb.Set, ObjectKind.User, "alice", "disabled", ["true"], default),
        _ => admin.ManageAsync(Verb.Set, ObjectKind.User, "alice", "role", ["observer"], default),
    };

    /// <summary>What becomes of a connection with a JWT alone.</summary>
    private async Task<string> TryAsync(string jwt)
    {
        await using var session = new UserSession(new(PeerRole.Client, Site.Team, "alice", null, jwt), "thief",
            hello => new BrokerLink(new(_site.Address, _site.BrokerKey, hello)));
        try
        {
            await session.OpenAsync(TimeSpan.FromSeconds(20), default);
            return "Accepted";
        }
        catch (TriggerException refusal)
        {
            return refusal.Code.ToString();
        }
    }
}
