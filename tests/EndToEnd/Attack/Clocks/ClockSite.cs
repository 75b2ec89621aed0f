namespace TriggerFs.Tests.EndToEnd.Attack.Clocks;

/// <summary>A broker, a worker and mounts, each with a clock of its own, and a trigger for each test.</summary>
public sealed class ClockSite : IAsyncLifetime
{
    private string? _folder;

    internal Site Site { get; private set; } = null!;

    internal FakeClock BrokerClock { get; private set; } = null!;

    internal FakeClock WorkerClock { get; private set; } = null!;

    internal FakeClock MountClock { get; private set; } = null!;

    internal Child Worker { get; private set; } = null!;

    /// <summary>Why it cannot be had here; null when it is there.</summary>
    internal string? WhyNot { get; private set; }

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse()) WhyNot = "/dev/fuse cannot be opened here";
        else if (!FakeClock.IsThere) WhyNot = "there is no libfaketime (Debian: apt-get install faketime)";
        if (WhyNot is not null) return;
        _folder = Directory.CreateTempSubdirectory("triggerfs-clocks-").FullName;
        BrokerClock = new FakeClock(Path.Combine(_folder, "broker")).Set("+0");
        WorkerClock = new FakeClock(Path.Combine(_folder, "worker")).Set("+0");
        MountClock = new FakeClock(Path.Combine(_folder, "mount")).Set("+0");
        Site = await Site.InitAsync(address: null, BrokerClock.Through);
        await Site.StartBrokerAsync();
        await Site.KnowWorkerAsync("w1");
        await Site.ServiceAsync("svc", "roundrobin", "w1");
        await Site.CliAsync(["mkdir /d", .. ((string[])["jumps", "boots"]).SelectMany(trigger => (string[])
        [
            $"set trigger name /d/{trigger}", $"set trigger {trigger} plugin command/command",
            $"set trigger {trigger} service attach svc", $"set trigger {trigger} ttl 30m",
        ])]);
        Worker = Site.StartThrough(WorkerClock.Through, "worker", "-identity", "w1", "--jobs", "1");
        await Worker.LineAsync("BROKER_ACCEPTED");
    }

    public async Task DisposeAsync()
    {
        if (Site is not null) await Site.DisposeAsync();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }

    internal async Task<Child> MountAsync(string mountpoint)
    {
        Child mount = Site.StartThrough(MountClock.Through, "mount", mountpoint);
        await mount.LineAsync("Ready and running");
        return mount;
    }
}
