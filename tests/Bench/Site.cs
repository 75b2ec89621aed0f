using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using TriggerFs.Bench.Peers;
using TriggerFs.Commands.Session;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Tests.EndToEnd.FanOut;

namespace TriggerFs.Bench;

/// <summary>An installation of the real program in a temporary folder: broker, worker, and who may sign in.</summary>
sealed partial class Site : IAsyncDisposable
{
    public const string Team = "bench";
    public const string Identity = "bencher";
    public const string Secret = "correct horse battery staple";
    public const string WorkerName = "worker1";
    public const string Service = "fleet";

    private readonly string _binary;
    private readonly List<Child> _children = [];

    private Site(string binary) => _binary = binary;

    public string Folder { get; } = Directory.CreateTempSubdirectory("triggerfs-bench-").FullName;

    public string Address { get; } = $"tcp://127.0.0.1:{FreePort()}";

    public string Key => File.ReadLines(Settings).First(line => line.StartsWith("brokerkey", StringComparison.Ordinal))
        .Split('"', '\'')[1];

    public Child Broker { get; private set; } = null!;

    public Child Worker { get; private set; } = null!;

    private string Settings => Path.Combine(Folder, "site", "triggerfs.toml");

    /// <summary>An installation with a broker that is ready.</summary>
    /// <param name="brokerLines">More lines of its settings in <c>[broker]</c>.</param>
    public static async Task<Site> StartAsync(string binary, string brokerLines = "")
    {
        var site = new Site(binary);
        string secret = Path.Combine(site.Folder, "secret");
        File.WriteAllText(secret, Secret + "\n");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await site.RunAsync("init", "--dir", "site", "--team", Team, "--identity", Identity, "--secret-file", secret,
            "--listen", site.Address);
        await site.SettleAsync(brokerLines); // [broker] is the last section that init writes.
        site.Broker = site.Start("broker");
        await site.Broker.LineAsync("READY");
        return site;
    }

    /// <summary>
    /// One whose queue keeps what nobody takes for as long as a cell lasts: on the machines that this is for, some
    /// hundred thousand messages of 1 KiB.
    /// </summary>
    public static Task<Site> StartWithLongQueueAsync(string binary, string brokerLines = "") =>
        StartAsync(binary, "queuelength = 4000000\nqueuesize = \"4GiB\"\n" + brokerLines);

    /// <summary>Adds lines to the settings, before the worker is started.</summary>
    public Task SettleAsync(string lines) => File.AppendAllTextAsync(Settings, $"\n{lines}\n");

    public async Task StartWorkerAsync(int jobs) => Worker = await StartWorkerAsync(WorkerName, ["--jobs", $"{jobs}"]);

    public async Task<Child> StartWorkerAsync(string name, params string[] arguments)
    {
        await RunAsync("cli", "-c", $"set workers identity {name}");
        string shown = await RunAsync("cli", "-c", $"show workers {name} token");
        string token = TokenText().Match(shown).Value;
        await File.AppendAllTextAsync(Settings, $"\n[workers.{Team}.{name}]\ntoken = \"{token}\"\n");
        Child worker = Start(["worker", "-identity", name, .. arguments]);
        await worker.LineAsync("BROKER_ACCEPTED");
        string state = "";
        while (!state.Contains("ONLINE", StringComparison.Ordinal))
            state = await RunAsync("cli", "-c", $"show workers {name}");
        return worker;
    }

    /// <summary>Many workers of the service <see cref="Service"/>, in one process; all are online.</summary>
    public async Task<Child> StartManyWorkersAsync(int count, string algorithm)
    {
        string tokens = Path.Combine(Folder, "tokens");
        await using (UserSession session = await Asker.ConnectAsync(this))
        {
            (string Name, string Token)[] made = await ManyWorkers.MakeAsync(session, count, Service, algorithm);
            await File.WriteAllLinesAsync(tokens, made.Select(one => $"{one.Name} {one.Token}"));
        }
        Child workers = await OwnProcess.StartAsync("workers-triggerfs", Address, Key, tokens);
        _children.Add(workers);
        return workers;
    }

    /// <summary>Makes the trigger /d/t0 of a service that has no worker: what is written to it waits.</summary>
    public async Task MakeWaitingTriggerAsync()
    {
        await RunAsync("cli", "-c", "set services name waiting");
        await MakeTriggerAsync("waiting");
    }

    /// <summary>Makes the trigger /d/t0 of a service, for the plugin echo.</summary>
    public Task MakeTriggerAsync(string service) => RunAsync("cli", "-c", "mkdir /d",
        "-c", "set trigger name /d/t0", "-c", "set trigger /d/t0 plugin echo",
        "-c", $"set trigger /d/t0 service attach {service}");

    /// <summary>Starts the program; it is ended with the site.</summary>
    public Child Start(params string[] arguments)
    {
        var child = new Child(Begin(arguments));
        _children.Add(child);
        return child;
    }

    public async Task<string> RunAsync(params string[] arguments)
    {
        Ended ended = await Ended.RunAsync(Begin(arguments));
        return ended.ExitCode == 0
            ? ended.Out
            : throw new InvalidOperationException($"triggerfs {string.Join(' ', arguments)}: {ended.Out}{ended.Err}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in Enumerable.Reverse(_children)) await child.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>How to start the program with this installation's settings.</summary>
    public ProcessStartInfo Begin(string[] arguments)
    {
        string[] settings = arguments[0] == "init" ? [] : ["--config", Settings];
        ProcessStartInfo start = Installed.Begin(_binary, [.. settings, .. arguments]);
        start.WorkingDirectory = Folder;
        start.Environment["HOME"] = Folder;
        return start;
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex TokenText();
}
