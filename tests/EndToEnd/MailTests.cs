using System.Diagnostics;
using System.Text.RegularExpressions;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Activation codes go by a real mail server, and what they are good for.</summary>
public sealed partial class MailTests : IAsyncLifetime, IDisposable
{
    private const StringComparison Exactly = StringComparison.Ordinal;

    private readonly TemporaryFolder _home = new();
    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.InitAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    public void Dispose() => _home.Dispose();

    [SkippableFact]
    public async Task Who_is_invited_has_a_mail_with_a_line_that_signs_him_up()
    {
        await using MailServer mails = await StartAsync();
        Ended invited = await _site.CliAsync("request team invite Bob@Example.com role member", "show signups");
        Assert.Contains("a mail with an activation code goes to bob@example.com", invited.Out + invited.Err, Exactly);
        Assert.Contains("mailed", invited.Out, Exactly);
        Assert.DoesNotMatch(CodeText(), invited.Out + invited.Err);

        string mail = await mails.MailAsync(1);
        Assert.StartsWith("triggers@example.com -> bob@example.com\n", mail, Exactly);
        Assert.Contains("\nSubject: Your activation code for triggerFS at 127.0.0.1\n", mail, Exactly);
        Assert.Contains($"{Site.Identity} invites you into team {Site.Team} as member.", mail, Exactly);
        string line = mail.Split('\n').Single(one => one.Contains("triggerfs signup", Exactly));
        Ended made = await TypeAsync($"{line} --identity bobby --secret-file {SecretFile()}");
        Assert.True(made.ExitCode == 0, made.Err + mail);
        Assert.Contains("bobby", (await _site.CliAsync("show users")).Out, Exactly);
        await _site.Broker.LineAsync("mail to bob@example.com: the mail server has it");
        Assert.DoesNotContain(CodeText().Match(mail).Value, _site.Broker.Text, Exactly);
    }

    [SkippableFact]
    public async Task At_an_open_broker_anybody_founds_a_team_with_a_code_by_mail()
    {
        await File.AppendAllTextAsync(_site.SettingsFile, "signup = \"open\"\n");
        await using MailServer mails = await StartAsync();
        string broker = $"--broker {_site.Address} --brokerkey '{Keys.Format(_site.BrokerKey)}'";
        Ended asked = await TypeAsync($"triggerfs signup {broker} --email carol@example.com");
        Assert.Equal((0, ""), (asked.ExitCode, asked.Out));
        string code = CodeText().Match(await mails.MailAsync(1)).Value;
        Ended made = await TypeAsync($"triggerfs signup {broker} --email carol@example.com --code {code} "
            + $"--identity carol --team carols --secret-file {SecretFile()}");
        Assert.True(made.ExitCode == 0, made.Err);
        Assert.Contains("you are the admin of team carols; its plan is free", made.Out, Exactly);
        Assert.DoesNotContain("carol", (await _site.CliAsync("show users")).Out, Exactly);
    }

    [SkippableFact]
    public async Task A_mail_that_is_refused_is_told_to_the_admins_who_then_see_the_code()
    {
        await using MailServer mails = await StartAsync("--refuse");
        await _site.CliAsync("request team invite bob@example.com role member");
        await _site.Broker.LineAsync("mail to bob@example.com did not go out.*no such mailbox");
        await Site.UntilAsync(async () => (await _site.CliAsync("show mailbox")).Out.Contains(
            "the mail to bob@example.com did not go out", Exactly), "no letter came");
        Assert.Matches(CodeText(), (await _site.CliAsync("show signups")).Out);
    }

    [SkippableFact]
    public async Task A_mail_that_waited_when_the_broker_died_is_sent_by_the_next_one_with_the_same_code()
    {
        Skip.IfNot(MailServer.IsThere, "python3-aiosmtpd is the mail server");
        int port = Site.FreePort();
        await File.AppendAllTextAsync(_site.SettingsFile, Smtp(port, "none"));
        await _site.StartBrokerAsync();
        await _site.CliAsync("request team invite bob@example.com role member");
        await _site.Broker.LineAsync("mail to bob@example.com is tried again in");
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        await using MailServer mails = await MailServer.StartAsync("--port", $"{port}");
        await _site.StartBrokerAsync();
        string mail = await mails.MailAsync(1);
        Assert.StartsWith("triggers@example.com -> bob@example.com\n", mail, Exactly);
        string line = mail.Split('\n').Single(one => one.Contains("triggerfs signup", Exactly));
        Ended made = await TypeAsync($"{line} --identity bobby --secret-file {SecretFile()}");
        Assert.True(made.ExitCode == 0, made.Err + mail);
    }

    [SkippableTheory]
    [InlineData("starttls")]
    [InlineData("tls")]
    public async Task The_password_goes_encrypted_to_a_server_that_proves_who_it_is(string tls)
    {
        Skip.IfNot(MailServer.IsThere, "python3-aiosmtpd is the mail server");
        string[] files = MailServer.Certificate(_home.Path);
        await using MailServer mails = await MailServer.StartAsync(
            [$"--{tls}", .. files, "--user", "triggerfs", "a password"]);
        string password = _home.Write("password", "a password\n");
        File.SetUnixFileMode(password, UnixFileMode.UserRead);
        await File.AppendAllTextAsync(_site.SettingsFile, Smtp(mails.Port, tls)
            + $"user = \"triggerfs\"\npasswordfile = \"{password}\"\n");
        ProcessStartInfo start = RealProgram.Start(_site.Folder, ["--config", _site.SettingsFile, "broker"]);
        start.Environment["SSL_CERT_FILE"] = files[0]; // Whom OpenSSL trusts: ourselves alone.
        await using var broker = new Child(start);
        await broker.LineAsync("READY");
        Ended invited = await _site.RunAsync("cli", "-c", "request team invite bob@example.com role member");
        Assert.True(invited.ExitCode == 0, invited.Err + broker.Text);
        Assert.Matches(CodeText(), await mails.MailAsync(1));
        Assert.DoesNotContain("a password", broker.Text, Exactly);
    }

    /// <summary>A mail server, and the broker with it in its settings.</summary>
    private async Task<MailServer> StartAsync(params string[] options)
    {
        Skip.IfNot(MailServer.IsThere, "python3-aiosmtpd is the mail server");
        MailServer mails = await MailServer.StartAsync(options);
        await File.AppendAllTextAsync(_site.SettingsFile, Smtp(mails.Port, "none"));
        await _site.StartBrokerAsync();
        return mails;
    }

    private string Smtp(int port, string tls) => $"""
        address = "{_site.Address}"
        [broker.smtp]
        host = "localhost"
        port = {port}
        from = "triggers@example.com"
        tls = "{tls}"

        """;

    /// <summary>Types a line in a shell of somebody's own, who has no settings yet.</summary>
    private Task<Ended> TypeAsync(string line)
    {
        ProcessStartInfo program = RealProgram.Start(_home.Path, []);
        string call = string.Join(' ', program.ArgumentList.Prepend(program.FileName));
        program.FileName = "/bin/bash";
        program.ArgumentList.Clear();
        program.ArgumentList.Add("-c");
        program.ArgumentList.Add($"triggerfs() {{ {call} \"$@\"; }}\n{line}");
        program.Environment["TRIGGERFS_CONFIG"] = Path.Join(_home.Path, "triggerfs.toml");
        return Ended.RunAsync(program, []);
    }

    private string SecretFile() => _home.Write("secret", "the own secret of this person");

    [GeneratedRegex("[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}")]
    private static partial Regex CodeText();
}
