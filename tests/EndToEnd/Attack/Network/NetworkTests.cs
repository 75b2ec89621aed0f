using System.Globalization;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack.Network;

/// <summary>
/// Broker, worker and mount on hosts of their own, whose lines go dead without a word, lose packets, or change their
/// addresses, while programs go on writing: all is well within seconds of the end of it, and nothing is lost.
/// </summary>
[Trait("Category", "Soak")]
public sealed class NetworkTests(ITestOutputHelper report) : IAsyncLifetime
{
    /// <summary>Where the worker finds its broker, and where it is by name.</summary>
    private const string Name = "broker.test", OldHome = "10.77.0.5", NewHome = "10.77.0.6";
    private const int Port = 5555;

    private Namespaces? _net;
    private string? _whyNot;
    private Site _site = null!;
    private Executions _executions = null!;
    private Writers _writers = null!;
    private Child _mount = null!;

    private string Hosts => Path.Combine(_site.Folder, "hosts");

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse()) _whyNot = "/dev/fuse cannot be opened here";
        else _net = Namespaces.TryMake(out _whyNot);
        if (_net is null) return;
        try
        {
            await StartAsync(_net);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        if (_site is not null) await _site.DisposeAsync();
        _net?.Dispose();
    }

    [SkippableFact]
    public async Task Faults_of_the_network_lose_nothing_and_all_is_well_within_seconds_of_their_end()
    {
        Skip.If(_net is null, _whyNot);
        await Site.UntilAsync(() => Task.FromResult(_executions.Read().Length > 0), "nothing is carried out");

        // The mount hears nothing any more but is heard, the worker's broker moves to another address.
        Namespaces.Lose(_net.Mount, "up0");
        Namespaces.Address(_net.Broker, "del", OldHome, "lo");
        await Task.Delay(Soak.Duration(8));
        Namespaces.Address(_net.Broker, "add", NewHome, "lo");
        await File.WriteAllTextAsync(Hosts, $"{NewHome} {Name}\n");
        Namespaces.LoseNothing(_net.Mount);
        await RecoverAsync("a mount that heard nothing, a broker that moved");

        // The worker is not heard any more but hears, the mount's line is dead.
        Namespaces.Lose(_net.Broker, "w0");
        Namespaces.Link(_net.Broker, "m0", "down");
        await Task.Delay(Soak.Duration(2));
        Namespaces.LoseNothing(_net.Broker);
        Namespaces.Link(_net.Broker, "m0", "up");
        await RecoverAsync("a worker that was not heard, a mount cut off");

        Namespaces.Lose(_net.Worker, "up0", percent: 20);
        Namespaces.Lose(_net.Mount, "up0", percent: 20);
        await Task.Delay(Soak.Duration(2));
        Namespaces.LoseNothing(_net.Worker);
        Namespaces.LoseNothing(_net.Mount);
        await RecoverAsync("a fifth of all packets lost");

        Namespaces.Move(_net.Worker, "10.77.1.2", "10.77.1.9");
        Namespaces.Move(_net.Mount, "10.77.2.2", "10.77.2.9");
        await RecoverAsync("other addresses of worker and mount");

        await _writers.StopAsync();
        await _writers.CheckAsync("after all faults");
        report.WriteLine($"{_writers.Count} writes were taken, {_executions.Read().Length} executions");
    }

    private async Task StartAsync(Namespaces net)
    {
        _site = await Site.InitAsync($"tcp://{Namespaces.BrokerAddress}:{Port}", Namespaces.On(net.Broker));
        string settings = await File.ReadAllTextAsync(_site.SettingsFile);
        await File.WriteAllTextAsync(_site.SettingsFile, settings.Replace(
            $"listen = \"{_site.Address}\"", $"listen = \"tcp://*:{Port}\"", StringComparison.Ordinal));
        await _site.StartBrokerAsync();
        await _site.KnowWorkerAsync("w1");
        await _site.ServiceAsync("svc", "roundrobin", "w1");
        await _site.CliAsync(["mkdir /d", .. ((string[])["t0", "t1"]).SelectMany(trigger => (string[])
        [
            $"set trigger name /d/{trigger}", $"set trigger {trigger} plugin command/command",
            $"set trigger {trigger} service attach svc",
        ])]);
        await StartWorkerAsync(net);
        _mount = _site.StartThrough(Namespaces.On(net.Mount), "mount", "mnt");
        await _mount.LineAsync("Ready and running");
        _executions = new(Path.Combine(_site.Folder, "executions"));
        _writers = new(Path.Combine(_site.Folder, "mnt/d"), _executions, "t0", "t1");
        _writers.Start(TimeSpan.FromMilliseconds(100));
    }

    /// <summary>It finds its broker by a name. One job: the order of the commands is that in which they came.</summary>
    private async Task StartWorkerAsync(Namespaces net)
    {
        Namespaces.Address(net.Broker, "add", OldHome, "lo");
        await File.WriteAllTextAsync(Hosts, $"{OldHome} {Name}\n");
        Child worker = _site.StartThrough(
            [.. Namespaces.On(net.Worker, Hosts), "env", $"TRIGGERFS_BROKER=tcp://{Name}:{Port}"],
            "worker", "-identity", "w1", "--jobs", "1");
        await worker.LineAsync("BROKER_ACCEPTED");
    }

    /// <summary>The broker takes what the mount sends, and the worker carries it out.</summary>
    private async Task RecoverAsync(string what)
    {
        long sent = Sent();
        int carriedOut = _executions.Read().Length;
        var recovery = new Recovery();
        TimeSpan mount = await recovery.UntilAsync(() => Sent() > sent, $"{what}: nothing is sent\n{_mount.Text}");
        TimeSpan all = await recovery.UntilAsync(
            () => _executions.Read().Length > carriedOut, $"{what}: nothing is carried out\n{_site.Broker.Text}");
        report.WriteLine($"{what}: the mount sends after {mount.TotalMilliseconds:0} ms, "
            + $"commands run after {all.TotalMilliseconds:0} ms");
        Assert.InRange(all, TimeSpan.Zero, Recovery.Max);
    }

    /// <summary>How many messages the broker has from the mount, as the mount says.</summary>
    private long Sent() => long.Parse(
        File.ReadLines(Path.Combine(_site.Folder, "mnt/.triggerfs/spool"))
            .First(line => line.StartsWith("sent: ", StringComparison.Ordinal))["sent: ".Length..],
        CultureInfo.InvariantCulture);
}
