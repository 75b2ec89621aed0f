using System.Diagnostics;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// A broker and two mounts of the admin, on which other users may look, with the trigger <c>d/t</c> of a service that
/// has a worker. What is seen on one mount was done elsewhere.
/// </summary>
public sealed class TwoMounts : IAsyncLifetime
{
    /// <summary>
    /// How long a change may take to show; well below what the kernel may remember without being told.
    /// </summary>
    private static readonly TimeSpan ShownMax = TimeSpan.FromSeconds(15);

    private readonly List<Child> _others = [];
    private bool _isThere;

    internal Site Site { get; private set; } = null!;

    internal Child MountA { get; private set; } = null!;

    /// <summary>The mountpoints.</summary>
    internal string A => Path.Combine(Site.Folder, "a");

    internal string B => Path.Combine(Site.Folder, "b");

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse() || !Environment.IsPrivilegedProcess) return;
        Site = await Site.StartAsync();
        File.SetUnixFileMode(Site.Folder, (UnixFileMode)0b111_101_101); // For the other users.
        await Site.WorkerAsync("demo01");
        await Site.ServiceAsync("demoservice", "roundrobin", "demo01");
        await TriggerAsync("/d", "t");
        MountA = await MountAsync(Site.SettingsFile, "a");
        await MountAsync(Site.SettingsFile, "b");
        _isThere = true;
    }

    public async Task DisposeAsync()
    {
        foreach (Child other in Enumerable.Reverse(_others)) await other.DisposeAsync();
        if (Site is not null) await Site.DisposeAsync();
    }

    internal void SkipUnlessThere()
    {
        RealMount.SkipWithoutFuse();
        Skip.IfNot(_isThere, "/dev/fuse cannot be opened here");
    }

    /// <summary>Makes a directory with a trigger that runs commands.</summary>
    internal Task TriggerAsync(string directory, string name) => Site.CliAsync(
        $"mkdir {directory}",
        $"set trigger name {directory}/{name}",
        $"set trigger {directory}/{name} plugin command/command",
        $"set trigger {directory}/{name} service attach demoservice");

    internal async Task<Child> MountAsync(string settings, string name)
    {
        var mount = new Child(RealProgram.Start(
            Site.Folder, ["--config", settings, "mount", "--allow-other", Path.Combine(Site.Folder, name)]));
        _others.Add(mount);
        await mount.LineAsync("Ready and running");
        return mount;
    }

    /// <summary>The settings of another user, whom it makes.</summary>
    internal async Task<string> UserAsync(string identity, string role)
    {
        const string Secret = "another battery staple";
        await using UserSession admin = Site.Session();
        await admin.OpenAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        await admin.ManageAsync(Verb.Create, ObjectKind.User, identity, "", [role, Secret], CancellationToken.None);
        string settings = Path.Combine(Site.Folder, $"{identity}.toml");
        await File.WriteAllTextAsync(settings, $"""
            [main]
            team = "{Site.Team}"
            identity = "{identity}"
            secret = "{Secret}"
            broker = "{Site.Address}"
            brokerkey = "{TriggerFs.Transport.Keys.Format(Site.BrokerKey)}"
            """);
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return settings;
    }

    /// <summary>Runs a script that must do well in a directory, as root or as another user.</summary>
    internal static async Task<string> DoAsync(string directory, string script, int? user = null)
    {
        Ended ended = await TryAsync(directory, script, user);
        Assert.True(ended.ExitCode == 0, $"{script}: {ended.Out}{ended.Err}");
        return ended.Out;
    }

    /// <summary>Runs a script in a process of its own with a deadline, so that a hang is a failure.</summary>
    internal static Task<Ended> TryAsync(string directory, string script, int? user = null)
    {
        string[] shell = ["30", "bash", "-c", $"cd '{directory}' && {{ {script}\n}}"];
        string[] other = user is null ? [] : ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups"];
        return Ended.RunAsync(new ProcessStartInfo("timeout", [shell[0], .. other, .. shell[1..]])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        });
    }

    /// <summary>Waits until a script says so in a directory, looking all the time as programs do.</summary>
    internal static async Task ShowsAsync(string directory, string script, string expected)
    {
        Ended ended = await TryAsync(directory, $$"""
            seen() { {{script}}
            }
            for i in {1..{{(int)ShownMax.TotalMilliseconds / 20}}}; do
              now=$(seen 2>&1); [ "$now" = '{{expected}}' ] && exit 0; sleep 0.02
            done
            echo "$now"; exit 1
            """);
        Assert.True(ended.ExitCode == 0, $"{script} still says {ended.Out}{ended.Err}, not {expected}");
    }
}
