using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// A whole installation of a test's own: a temporary folder, a free port, and the real program as broker, workers,
/// mounts, clients and consoles in child processes, all gone when it is disposed.
/// </summary>
sealed partial class Site : IAsyncDisposable
{
    public const string Team = "team1";
    public const string Identity = "admin";
    public const string Secret = "correct horse battery staple";

    private static readonly ConcurrentDictionary<int, bool> GivenOut = [];

    private readonly TemporaryFolder _folder = new();
    private readonly List<Child> _children = [];

    private Site()
    {
    }

    public string Folder => _folder.Path;

    public string SettingsFile => Path.Combine(Folder, "site", "triggerfs.toml");

    /// <summary>The broker's address, <c>tcp://127.0.0.1:PORT</c>.</summary>
    public string Address { get; private set; } = "";

    public Child Broker { get; private set; } = null!;

    /// <summary>A program that becomes each program of this site, unless it is started through another.</summary>
    public string[] Through { get; private init; } = [];

    /// <summary>An installation with its broker running.</summary>
    public static async Task<Site> StartAsync()
    {
        Site site = await InitAsync();
        try
        {
            await site.StartBrokerAsync();
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>An installation, nothing running yet.</summary>
    public static async Task<Site> InitAsync(string? address = null, params string[] through)
    {
        var site = new Site { Address = address ?? FreeAddress(), Through = through };
        string secret = site._folder.Write("secret", Secret + "\n");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Ended init = await Ended.RunAsync(RealProgram.Start(site.Folder,
        [
            "init", "--dir", "site", "--team", Team, "--identity", Identity, "--secret-file", secret,
            "--listen", site.Address,
        ], through));
        Assert.True(init.ExitCode == 0, init.Out + init.Err);
        return site;
    }

    public async Task StartBrokerAsync(params string[] options)
    {
        Broker = Start(["broker", .. options]);
        await Broker.LineAsync("READY");
    }

    /// <summary>
    /// Makes a worker in the console unless it is there, puts its token into the settings, starts it, waits for it.
    /// </summary>
    public async Task<Child> WorkerAsync(string identity, params string[] options)
    {
        await KnowWorkerAsync(identity);
        Child worker = Start(["worker", "-identity", identity, .. options]);
        await worker.LineAsync("BROKER_ACCEPTED");
        await OnlineAsync(identity);
        return worker;
    }

    /// <summary>Makes a worker in the console unless it is there, and puts its token into the settings.</summary>
    public async Task KnowWorkerAsync(string identity)
    {
        if (!File.ReadAllText(SettingsFile).Contains($"[workers.{Team}.{identity}]", StringComparison.Ordinal))
        {
            await CliAsync($"set workers identity {identity}");
            string shown = (await CliAsync($"show workers {identity} token")).Out;
            await File.AppendAllTextAsync(SettingsFile,
                $"\n[workers.{Team}.{identity}]\ntoken = \"{TokenText().Match(shown).Value}\"\n");
        }
    }

    /// <summary>Waits until the broker shows a worker as online.</summary>
    public Task OnlineAsync(string identity) => UntilAsync(
        async () => (await CliAsync($"show workers {identity}")).Out.Contains("ONLINE", StringComparison.Ordinal),
        $"{identity} is not online");

    /// <summary>Makes a service with some workers (made before) under an algorithm.</summary>
    public Task ServiceAsync(string name, string algorithm, params string[] workers) => CliAsync(
    [
        $"set services name {name}",
        $"set services {name} algorithm {algorithm}",
        .. workers.Select(worker => $"set services {name} workers add {worker}"),
    ]);

    /// <summary>Runs statements of the console that must succeed.</summary>
    public async Task<Ended> CliAsync(params string[] statements)
    {
        Ended ended = await RunAsync(["cli", .. statements.SelectMany(statement => new[] { "-c", statement })]);
        string story = $"{string.Join("; ", statements)}: {ended.Out}{ended.Err}\nbroker:\n{Broker.Text}";
        Assert.True(ended.ExitCode == 0, story);
        return ended;
    }

    /// <summary>Runs a command of <c>command/command</c> on a service, as a script does.</summary>
    public Task<Ended> ClientAsync(string service, string command, params string[] options) =>
        RunAsync(["client", "-service", service, "-plugin", "command/command", "-command", command, .. options]);

    /// <summary>Runs the program with this installation's settings to its end.</summary>
    public Task<Ended> RunAsync(params string[] arguments) => RunAsync(arguments, null);

    public Task<Ended> RunAsync(string[] arguments, byte[]? input, TimeSpan? deadline = null) =>
        Ended.RunAsync(RealProgram.Start(Folder, ["--config", SettingsFile, .. arguments], Through), input, deadline);

    /// <summary>Makes a user of the team, as the admin.</summary>
    public async Task UserAsync(string identity, string role, string secret)
    {
        Ended made = await RunAsync(
            ["cli", "--secret-file", "-", "-c", $"set users identity {identity} role {role}"],
            System.Text.Encoding.UTF8.GetBytes(secret));
        Assert.True(made.ExitCode == 0, made.Err);
    }

    /// <summary>Runs the program as somebody else.</summary>
    public Task<Ended> AsAsync(string identity, string secret, params string[] arguments) =>
        TypeAsAsync(identity, secret, "", arguments);

    /// <summary>Runs the program as somebody else with a text on standard input.</summary>
    public Task<Ended> TypeAsAsync(string identity, string secret, string input, params string[] arguments)
    {
        ProcessStartInfo start = RealProgram.Start(Folder, ["--config", SettingsFile, .. arguments], Through);
        start.Environment["TRIGGERFS_IDENTITY"] = identity;
        start.Environment["TRIGGERFS_SECRET"] = secret;
        return Ended.RunAsync(start, System.Text.Encoding.UTF8.GetBytes(input));
    }

    /// <summary>A session of the admin in the test's own process, not opened yet.</summary>
    public UserSession Session() => Session(Identity, Secret);

    public UserSession Session(string identity, string secret, string team = Team) => new(
        new(PeerRole.Client, team, identity, secret),
        "tests",
        hello => new BrokerLink(new(Address, BrokerKey, hello)));

    /// <summary>The broker's public key, as the settings have it.</summary>
    public byte[] BrokerKey =>
        Keys.ParsePublic(BrokerKeyLine().Match(File.ReadAllText(SettingsFile)).Groups[1].Value);

    /// <summary>Starts the program with this installation's settings; it is ended with the site.</summary>
    public Child Start(params string[] arguments) => StartThrough(Through, arguments);

    /// <summary>The same, through a program of its own.</summary>
    public Child StartThrough(string[] through, params string[] arguments)
    {
        var child = new Child(RealProgram.Start(Folder, ["--config", SettingsFile, .. arguments], through));
        _children.Add(child);
        return child;
    }

    /// <summary>Waits for a condition, a minute at the most.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string otherwise, TimeSpan? deadline = null)
    {
        DateTime end = DateTime.UtcNow + (deadline ?? Child.Patience);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, otherwise);
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in Enumerable.Reverse(_children)) await child.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>An address of this host that nobody listens on at the moment.</summary>
    public static string FreeAddress() => $"tcp://127.0.0.1:{FreePort()}";

    /// <summary>
    /// Below the ports that the kernel gives to whoever connects (<c>ip_local_port_range</c>): a broker that is killed
    /// must find its port free again, and not taken by somebody's connection meanwhile.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(10_000, 32_000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                if (GivenOut.TryAdd(port, true)) return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex TokenText();

    [GeneratedRegex("^brokerkey *= *[\"'](.*)[\"']", RegexOptions.Multiline)]
    private static partial Regex BrokerKeyLine();
}
