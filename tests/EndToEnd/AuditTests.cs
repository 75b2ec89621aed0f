using System.Text.Json;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.EndToEnd;

public sealed class AuditTests : IAsyncLifetime
{
    private Site _site = null!;

    private string Folder => Path.Combine(_site.Folder, "site", "state", "audit");

    private string Current => Path.Combine(Folder, "audit.jsonl");

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task What_was_done_and_refused_is_shown_in_the_console_and_the_chain_is_whole()
    {
        await _site.CliAsync("set workers identity demo01", "set services name web", "set services web timeout 10s");
        Ended refused = await _site.RunAsync("cli", "-c", "set services name web");
        Assert.NotEqual(0, refused.ExitCode);

        Ended shown = await _site.RunAsync("cli", "--output", "json", "-c", "show audit");
        using JsonDocument rows = JsonDocument.Parse(shown.Out);
        string[] what = [.. rows.RootElement.EnumerateArray().Select(row => row.GetProperty("what").GetString()!)];
        Assert.StartsWith("the broker starts", what[0]);
        Assert.Equal(
            [
                "create worker demo01", "create service web", "set service web timeout 10000", "create service web",
            ], what[1..]);
        JsonElement last = rows.RootElement[4];
        Assert.StartsWith("Exists: ", last.GetProperty("result").GetString());
        Assert.StartsWith("127.0.0.1:", last.GetProperty("from").GetString());
        Assert.Equal("team1/admin", last.GetProperty("who").GetString());
        Assert.Contains("timeout '' to '10s'", rows.RootElement[3].GetProperty("changes")[0].GetString());
        Ended two = await _site.CliAsync("show audit 2");
        Assert.Contains("(2 rows)", two.Out);

        Ended verified = await _site.RunAsync("broker", "audit", "verify");
        Assert.Equal((0, ""), (verified.ExitCode, verified.Err));
        Assert.Contains("5 lines in 1 files", verified.Out);
    }

    [Fact]
    public async Task A_line_that_somebody_changes_is_named_and_the_exit_status_says_so()
    {
        await _site.CliAsync("set workers identity demo01", "set services name web");
        File.WriteAllText(Current, File.ReadAllText(Current).Replace("create worker demo01", "create worker demo02"));
        Ended verified = await _site.RunAsync("broker", "audit", "verify");
        Assert.Equal((1, ""), (verified.ExitCode, verified.Out));
        Assert.Contains($"{Current}:2: it was changed", verified.Err);
    }

    [Fact]
    public async Task A_change_that_was_answered_is_in_the_audit_also_when_the_broker_is_killed_at_once()
    {
        for (int n = 0; n < 3; n++)
        {
            await _site.CliAsync($"set services name web{n}");
            _site.Broker.Kill();
            await _site.Broker.EndAsync();
            Assert.Contains($"create service web{n}", File.ReadAllText(Current));
            await _site.StartBrokerAsync();
        }
        Ended verified = await _site.RunAsync("broker", "audit", "verify");
        Assert.True(verified.ExitCode == 0, verified.Err);
    }

    [Fact]
    public async Task A_flood_of_failed_sign_ins_is_a_few_lines()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            for (int n = 0; n < 4; n++)
            {
                Ended ended = await _site.RunAsync("cli", "--identity", "nobody", "-c", "show workers");
                Assert.NotEqual(0, ended.ExitCode);
            }
        }));
        string[] lines = [.. File.ReadAllLines(Current).Where(line => line.Contains("\"event\":\"sign-in\""))];
        Assert.InRange(lines.Length, 1, 2);
        Assert.All(lines, line => Assert.Contains("\"user\":\"nobody\"", line));
    }

    /// <summary>Everything secret that there is has been on its way through the broker.</summary>
    [Fact]
    public async Task No_secret_token_or_JWT_is_ever_in_the_files()
    {
        await _site.WorkerAsync("demo01");
        await _site.ServiceAsync("web", "roundrobin", "demo01");
        await _site.ClientAsync("web", "true");
        string token = System.Text.RegularExpressions.Regex.Match(
            File.ReadAllText(_site.SettingsFile), "(?m)^token = \"(.*)\"").Groups[1].Value;
        await _site.CliAsync("show workers demo01 token");
        await _site.RunAsync("cli", "--identity", "nobody", "-c", "show workers");
        var session = _site.Session();
        Accepted welcome = await session.OpenAsync(TimeSpan.FromSeconds(30), default);
        await session.DisposeAsync();

        string all = string.Concat(Directory.EnumerateFiles(Folder).Select(File.ReadAllText));
        Assert.Contains("\"event\":\"reveal\"", all);
        foreach (string secret in (string[])[Site.Secret, token, welcome.Jwt, "$2a$", "$2b$"])
            Assert.DoesNotContain(secret, all);
    }
}
