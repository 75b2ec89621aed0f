using TriggerFs.Commands.Spool;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// A broker, a worker with one job, and triggers: <c>d/t</c> runs commands there; nobody is behind <c>d/full</c> and
/// <c>d/oldest</c>, of which the second makes room for what is new. Each test mounts with a spool of its own.
/// </summary>
public sealed class SpoolSite : IAsyncLifetime
{
    private int _mounts;

    internal Site Site { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse()) return;
        Site = await Site.StartAsync();
        await Site.WorkerAsync("w1", "--jobs", "1");
        await Site.ServiceAsync("svc", "roundrobin", "w1");
        await Site.CliAsync(
            "mkdir /d", "set trigger name /d/t", "set trigger name /d/oldest",
            "set trigger t plugin command/command", "set trigger t service attach svc",
            "set services name nobody", "set trigger name /d/full", "set trigger full plugin command/command",
            "set trigger full service attach nobody", "set trigger full on-busy drop",
            "set trigger oldest plugin command/command", "set trigger oldest service attach nobody",
            "set trigger oldest on-busy drop", "set trigger oldest on-full drop-oldest");
    }

    public async Task DisposeAsync()
    {
        if (Site is not null) await Site.DisposeAsync();
    }

    /// <summary>Settings for a mount whose spool is elsewhere.</summary>
    internal SpoolMount Mount(params string[] lines)
    {
        Skip.If(Site is null, "/dev/fuse cannot be opened here");
        string name = $"m{++_mounts}", settings = Path.Join(Site.Folder, $"{name}.toml");
        string spool = Path.Join(Site.Folder, $"{name}.spool");
        File.Copy(Site.SettingsFile, settings);
        File.AppendAllText(settings, $"\n[triggerfs]\nspool = \"{spool}\"\n{string.Join('\n', lines)}\n");
        return new(Site, settings, Path.Join(Site.Folder, name), new SpoolOptions(spool));
    }

    internal async Task BrokerAwayAsync()
    {
        Site.Broker.Terminate();
        await Site.Broker.EndAsync();
    }

    internal async Task BrokerBackAsync()
    {
        await Site.StartBrokerAsync();
        await Site.OnlineAsync("w1");
    }
}

/// <summary>A mount of a test's own, which may be started more than once.</summary>
sealed class SpoolMount(Site site, string settings, string mountpoint, SpoolOptions spool) : IAsyncDisposable
{
    public string Mountpoint => mountpoint;

    public SpoolOptions Spool => spool;

    /// <summary>The process that serves it now.</summary>
    public Child Process { get; private set; } = null!;

    public async Task StartAsync()
    {
        Process = new(RealProgram.Start(site.Folder, ["--config", settings, "mount", mountpoint]));
        await Process.LineAsync("Ready and running");
    }

    /// <summary>Runs a script in the mount; all that it printed.</summary>
    public Task<string> DoAsync(string script) => TwoMounts.DoAsync(mountpoint, script);

    /// <summary>Waits until a line of .triggerfs/spool says so.</summary>
    public Task ReportsAsync(string line) => TwoMounts.ShowsAsync(
        mountpoint, $"grep -o '^{line[..line.IndexOf(':')]}: .*' .triggerfs/spool", line);

    /// <summary>The log in the spool's folder.</summary>
    public string Segment => Assert.Single(Directory.GetFiles(spool.Folder, "*.segment"));

    public async ValueTask DisposeAsync()
    {
        if (Process is not null) await Process.DisposeAsync();
    }
}
