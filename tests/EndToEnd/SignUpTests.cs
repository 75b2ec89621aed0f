using System.Diagnostics;
using System.Text.RegularExpressions;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Somebody is invited, and makes his account and his settings with the real program.</summary>
public sealed class SignUpTests(RunningSite running) : IClassFixture<RunningSite>, IDisposable
{
    private const string Secret = "the own secret of bobby";

    private static int _lastPerson;

    private readonly Site _site = running.Site;
    private readonly TemporaryFolder _home = new();
    private readonly string _identity = $"bobby{Interlocked.Increment(ref _lastPerson)}";

    private string Email => $"{_identity}@example.com";

    private string Settings => Path.Join(_home.Path, "new", "triggerfs.toml");

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_script_signs_up_with_a_code_and_its_settings_are_ready()
    {
        Ended made = await SignUpAsync("--email", Email, "--code", await InviteAsync(),
            "--identity", _identity, "--name", "Bob Example", "--secret-file", SecretFile());
        Assert.True(made.ExitCode == 0, made.Err + _site.Broker.Text);
        Assert.Contains($"you are in team {Site.Team} as member", made.Out, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings));

        Ended users = await Ended.RunAsync(
            RealProgram.Start(_home.Path, ["--config", Settings, "cli", "-c", "show users"]));
        Assert.True(users.ExitCode == 0, users.Err);
        Assert.Contains(_identity, users.Out, StringComparison.Ordinal);
        string told = made.Out + made.Err + _site.Broker.Text + (await _site.CliAsync("show audit")).Out;
        Assert.Contains($"sign up as {_identity}", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, told, StringComparison.Ordinal);
        Assert.Contains("signed up", (await _site.CliAsync("show mailbox")).Out, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_person_is_asked_for_what_is_missing_again_until_it_is_right_and_the_secret_is_not_shown()
    {
        Skip.IfNot(TypedTerminal.IsThere, "python3 makes the terminal");
        string code = await InviteAsync();
        Ended typed = await TypedTerminal.RunAsync(
            Start("--broker", _site.Address),
            [
                "public key: ", "nonsense\\n", "public key: ", Keys.Format(_site.BrokerKey) + "\\n",
                "E-mail address: ", "bob at home\\n", "E-mail address: ", Email + "\\n",
                "Activation code: ", code + "\\n",
                "Your name: ", "Bob\\n", "digits): ", "bob\\n", "digits): ", "alice-\\n",
                "digits): ", _identity + "\\n",
                "invited into): ", "\\n", "not shown): ", "short\\n", "Once more: ", "short\\n",
                "not shown): ", Secret + "\\n", "Once more: ", Secret + "\\n",
            ]);
        Assert.True(typed.ExitCode == 0, typed.Out + typed.Err);
        Assert.Contains("it is too short", typed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, typed.Out, StringComparison.Ordinal);
        Assert.Contains($"identity = \"{_identity}\"", File.ReadAllText(Settings), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_identity_that_is_not_free_is_asked_for_again_and_the_secret_is_not()
    {
        Skip.IfNot(TypedTerminal.IsThere, "python3 makes the terminal");
        Ended typed = await TypedTerminal.RunAsync(
            Start("--broker", _site.Address, "--brokerkey", Keys.Format(_site.BrokerKey), "--email", Email,
                "--code", await InviteAsync(), "--name", "Bob", "--identity", Site.Identity, "--team", Site.Team,
                "--secret-file", SecretFile()),
            ["digits): ", _identity + "\\n", "invited into): ", "\\n"]);
        Assert.True(typed.ExitCode == 0, typed.Out + typed.Err);
        Assert.Contains($"the identity '{Site.Identity}' is not free", typed.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_are_there_are_never_overwritten()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Settings)!);
        File.WriteAllText(Settings, "mine");
        Ended refused = await SignUpAsync("--email", Email, "--code", await InviteAsync(),
            "--identity", _identity, "--secret-file", SecretFile());
        Assert.Equal(73, refused.ExitCode);
        Assert.Contains("nothing is ever overwritten", refused.Err, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Settings));
        Assert.DoesNotContain(_identity, (await _site.CliAsync("show users")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_without_a_code_asks_for_one_and_hears_the_same_whoever_it_is_for()
    {
        await InviteAsync();
        Ended invited = await SignUpAsync("--email", Email);
        Ended stranger = await SignUpAsync("--email", "nobody@example.com");
        Assert.Equal((0, ""), (invited.ExitCode, invited.Out));
        Assert.Contains("is with the admins", invited.Err, StringComparison.Ordinal);
        Assert.Equal(invited.Err.Replace(Email, "nobody@example.com", StringComparison.Ordinal), stranger.Err);
        Assert.False(File.Exists(Settings));
    }

    [Fact]
    public async Task A_wrong_code_makes_nothing()
    {
        await InviteAsync();
        Ended refused = await SignUpAsync("--email", Email, "--code", "AAAA-BBBB-CCCC",
            "--identity", _identity, "--secret-file", SecretFile());
        Assert.Equal((77, ""), (refused.ExitCode, refused.Out));
        Assert.Contains("the e-mail address or the activation code is wrong", refused.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(Settings));
    }

    [Fact]
    public async Task A_broker_with_another_key_is_told_nothing()
    {
        Ended refused = await Ended.RunAsync(Start("--broker", _site.Address,
            "--brokerkey", Keys.Format(KeyPair.Generate().Public), "--email", Email));
        Assert.Equal((69, ""), (refused.ExitCode, refused.Out));
        Assert.Contains("did not prove the key", refused.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_broker_says_so()
    {
        await using Site closed = await Site.InitAsync();
        await File.AppendAllTextAsync(closed.SettingsFile, "signup = \"closed\"\n");
        await closed.StartBrokerAsync();
        Ended refused = await Ended.RunAsync(Start("--broker", closed.Address,
            "--brokerkey", Keys.Format(closed.BrokerKey), "--email", Email));
        Assert.Equal(77, refused.ExitCode);
        Assert.Contains("this broker takes no signups", refused.Err, StringComparison.Ordinal);
    }

    /// <summary>Invites the person; the code that an admin sees.</summary>
    private async Task<string> InviteAsync()
    {
        string told = (await _site.CliAsync($"request team invite {Email} role member")).Err
            + (await _site.CliAsync("show signups")).Out;
        string line = told.Split('\n').Last(one => one.Contains(Email, StringComparison.Ordinal));
        return Regex.Match(line, "[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}").Value;
    }

    private Task<Ended> SignUpAsync(params string[] arguments) => Ended.RunAsync(
        Start(["--broker", _site.Address, "--brokerkey", Keys.Format(_site.BrokerKey), .. arguments]), []);

    private ProcessStartInfo Start(params string[] arguments) =>
        RealProgram.Start(_home.Path, ["signup", "--config", Settings, .. arguments]);

    private string SecretFile() => _home.Write("secret", Secret + "\n");
}

/// <summary>One installation with its broker for the tests of a class.</summary>
public sealed class RunningSite : IAsyncLifetime
{
    internal Site Site { get; private set; } = null!;

    public async Task InitializeAsync() => Site = await Site.StartAsync();

    public async Task DisposeAsync() => await Site.DisposeAsync();
}
