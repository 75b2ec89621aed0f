using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The real broker: its start, its end, and what it makes of those who are wrong.</summary>
public sealed class BrokerTests
{
    private const string SomebodyElsesKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

    [Fact]
    public async Task Ready_is_said_when_it_answers_and_TERM_ends_it_cleanly()
    {
        await using Site site = await Site.StartAsync();
        string ready = await site.Broker.LineAsync("READY");
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z I: READY listening on ", ready);
        Assert.Contains(site.Address, ready);
        Assert.Contains("0 rows", (await site.CliAsync("show workers")).Out);
        site.Broker.Terminate();
        Assert.Equal(0, await site.Broker.EndAsync());
        Assert.Contains("I: stopped", site.Broker.Text);
    }

    [Fact]
    public async Task What_was_done_is_there_after_a_kill_and_a_restart()
    {
        await using Site site = await Site.StartAsync();
        await site.CliAsync("set workers identity demo01", "mkdir /a", "set trigger name /a/b");
        site.Broker.Kill();
        await site.Broker.EndAsync();
        await site.StartBrokerAsync();
        Assert.Contains("demo01", (await site.CliAsync("show workers")).Out);
        Assert.Contains("| b ", (await site.CliAsync("show triggers")).Out);
    }

    [Fact]
    public async Task No_secret_token_or_JWT_is_ever_in_a_log_whatever_the_level()
    {
        const string WrongSecret = "not quite the secret", WrongToken = "01234567-89ab-4cde-8f01-23456789abcd";
        const string WrongJwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
        await using Site site = await Site.InitAsync();
        string clientLog = Path.Join(site.Folder, "client.log");
        await File.AppendAllTextAsync(site.SettingsFile, $"\n[triggerfs-client]\nlogfile = \"{clientLog}\"\n");
        await site.StartBrokerAsync("--loglevel", "trace");
        Child worker = await site.WorkerAsync("demo01", "-debug", "true");
        Child? mount = MountTests.CanOpenFuse() ? site.Start("mount", "mnt", "-debug", "true") : null;
        if (mount is not null) await mount.LineAsync("Ready and running");
        Assert.Equal(0, (await site.ClientAsync("demo01", "true")).ExitCode);
        foreach ((string, string) wrong in ((string, string)[])
            [("TRIGGERFS_SECRET", WrongSecret), ("TRIGGERFS_JWT", WrongJwt)]) await RunAsync(site, wrong);
        ProcessStartInfo other = RealProgram.Start(
            site.Folder, ["--config", site.SettingsFile, "worker", "-identity", "demo01", "-debug", "true"]);
        other.Environment["TRIGGERFS_TOKEN"] = WrongToken;
        Ended refused = await Ended.RunAsync(other);
        await site.RunAsync("cli", "--brokerkey", SomebodyElsesKey, "--connect-timeout", "1s", "-c", "show workers");

        string token = Regex.Match(await File.ReadAllTextAsync(site.SettingsFile), "token = \"(.+)\"").Groups[1].Value;
        string logs = string.Join('\n', site.Broker.Text, worker.Text, mount?.Text, refused.Out, refused.Err,
            await File.ReadAllTextAsync(clientLog));
        Assert.Contains("Sending message", logs);
        Assert.Equal(36, token.Length);
        foreach (string secret in (string[])[token, Site.Secret, WrongSecret, WrongToken, WrongJwt])
            Assert.DoesNotContain(secret, logs);
        // A JWT's header alone, as the mount shows it, is the same for everybody.
        Assert.DoesNotMatch(@"eyJ[\w-]+\.[\w-]+", logs);
    }

    [Fact]
    public async Task A_second_broker_on_the_same_state_is_refused()
    {
        await using Site site = await Site.StartAsync();
        Ended second = await site.RunAsync("broker", "--listen", "tcp://127.0.0.1:0");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("another broker", second.Err);
    }

    [Fact]
    public async Task A_port_in_use_is_refused_and_the_state_is_free_again()
    {
        await using Site site = await Site.InitAsync();
        using var other = new TcpListener(IPAddress.Loopback, int.Parse(site.Address.Split(':')[^1]));
        other.Start();
        Ended refused = await site.RunAsync("broker");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(site.Address["tcp://".Length..], refused.Err);
        Assert.Contains("in use", refused.Err);
        Assert.DoesNotContain("READY", refused.Err);
        other.Stop();
        await site.StartBrokerAsync();
    }

    [Fact]
    public async Task It_takes_as_many_descriptors_as_it_may_have()
    {
        await using Site site = await Site.StartAsync();
        string limits = await File.ReadAllTextAsync($"/proc/{site.Broker.Id}/limits");
        Match files = Regex.Match(limits, @"Max open files +(\d+) +(\d+)");
        Assert.Equal(files.Groups[2].Value, files.Groups[1].Value);
    }

    [Fact]
    public async Task The_service_manager_is_told()
    {
        await using Site site = await Site.InitAsync();
        string path = Path.Join(site.Folder, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        manager.ReceiveTimeout = 30_000;
        var start = RealProgram.Start(site.Folder, ["--config", site.SettingsFile, "broker"]);
        start.Environment["NOTIFY_SOCKET"] = path;
        await using var broker = new Child(start);
        byte[] bytes = new byte[256];
        Assert.StartsWith("READY=1", Encoding.UTF8.GetString(bytes, 0, manager.Receive(bytes)));
        broker.Terminate();
        Assert.Equal("STOPPING=1", Encoding.UTF8.GetString(bytes, 0, manager.Receive(bytes)));
        Assert.Equal(0, await broker.EndAsync());
    }

    [Fact]
    public async Task A_wrong_broker_key_is_told_as_such()
    {
        await using Site site = await Site.StartAsync();
        Ended refused = await site.RunAsync(
            "cli", "--brokerkey", SomebodyElsesKey, "--connect-timeout", "2s", "-c", "show workers");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("wrong brokerkey", refused.Err);
        await site.Broker.LineAsync("W: 127.0.0.1:.* is refused in the handshake: .*another server key");
    }

    [Fact]
    public async Task A_wrong_secret_is_refused_at_once_without_telling_what_was_wrong()
    {
        await using Site site = await Site.StartAsync();
        Ended secret = await RunAsync(site, ("TRIGGERFS_SECRET", "not the secret at all"));
        Ended identity = await RunAsync(site, ("TRIGGERFS_IDENTITY", "nobody"));
        Ended team = await RunAsync(site, ("TRIGGERFS_TEAM", "noteam"));
        Assert.Equal((77, 77, 77), (secret.ExitCode, identity.ExitCode, team.ExitCode));
        Assert.Equal(secret.Err, identity.Err);
        Assert.Equal(secret.Err, team.Err);
    }

    [Theory]
    [InlineData("cli", "-c", "show workers")]
    [InlineData("client", "-service", "s", "-command", "true")]
    [InlineData("mount", "there")]
    public async Task An_identity_on_the_command_line_wins_over_the_others(params string[] command)
    {
        await using Site site = await Site.StartAsync();
        Directory.CreateDirectory(Path.Join(site.Folder, "there"));
        var start = RealProgram.Start(site.Folder, ["--config", site.SettingsFile, .. command, "-identity", "flagged"]);
        start.Environment["TRIGGERFS_IDENTITY"] = "surrounding";
        Assert.Equal(77, (await Ended.RunAsync(start)).ExitCode);
        await site.Broker.LineAsync("team1/flagged from .* refused");
    }

    [Fact]
    public async Task A_wrong_token_ends_the_worker_with_the_reason()
    {
        await using Site site = await Site.StartAsync();
        await site.CliAsync("set workers identity demo01");
        await File.AppendAllTextAsync(
            site.SettingsFile, "\n[workers.team1.demo01]\ntoken = \"01234567-89ab-4cde-8f01-23456789abcd\"\n");
        Ended worker = await site.RunAsync("worker", "-identity", "demo01");
        Assert.Equal(77, worker.ExitCode);
        Assert.Contains("token", worker.Err);
        Assert.DoesNotContain("01234567", worker.Err + site.Broker.Text);
    }

    [Fact]
    public async Task A_worker_takes_four_requests_a_processor_at_once_or_as_many_as_it_is_told()
    {
        await using Site site = await Site.StartAsync();
        await site.WorkerAsync("w1");
        await site.WorkerAsync("w2", "--jobs", "3");
        await site.Broker.LineAsync($"worker w1 is online: {4 * Environment.ProcessorCount} jobs,");
        await site.Broker.LineAsync("worker w2 is online: 3 jobs,");
    }

    [Fact]
    public async Task Nobody_listening_is_69_and_says_where_it_was_tried()
    {
        await using Site site = await Site.InitAsync();
        Ended refused = await site.RunAsync("cli", "--connect-timeout", "500ms", "-c", "show workers");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains(site.Address, refused.Err);
    }

    [Fact]
    public async Task Random_bytes_on_the_port_disturb_nobody()
    {
        await using Site site = await Site.StartAsync();
        int port = int.Parse(site.Address.Split(':')[^1]);
        byte[] greeting = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1, .. "CURVE"u8, .. new byte[47]];
        for (int i = 0; i < 100; i++)
        {
            byte[] rubbish = RandomNumberGenerator.GetBytes(1 + (i * 97 % 5000));
            await SendAsync(port, rubbish);
            await SendAsync(port, [.. greeting, .. rubbish]);
        }
        Assert.Contains("0 rows", (await site.CliAsync("show workers")).Out);
        Assert.False(site.Broker.HasExited);
        Assert.DoesNotContain(" E: ", site.Broker.Text);
        Assert.InRange(Regex.Count(site.Broker.Text, " W: 127.0.0.1:.* is refused in the handshake: "), 1, 2);
    }

    private static async Task SendAsync(int port, byte[] bytes)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await socket.GetStream().WriteAsync(bytes);
        }
        catch (IOException)
        {
            // The broker may have had enough before the last byte.
        }
    }

    private static Task<Ended> RunAsync(Site site, (string Name, string Value) variable)
    {
        var start = RealProgram.Start(site.Folder, ["--config", site.SettingsFile, "cli", "-c", "show workers"]);
        start.Environment[variable.Name] = variable.Value;
        return Ended.RunAsync(start);
    }
}
