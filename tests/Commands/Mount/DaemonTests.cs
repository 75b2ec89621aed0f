using TriggerFs.Fs.Kernel;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.Commands.Mount;

/// <summary><c>triggerfs mount --daemon</c>.</summary>
public sealed class DaemonTests : IAsyncLifetime
{
    private Site _site = null!;

    private string Mountpoint => Path.Combine(_site.Folder, "mnt");

    public async Task InitializeAsync() => _site = await Site.InitAsync();

    public async Task DisposeAsync()
    {
        if (MountTable.At(Mountpoint) is not null) Unmounting.Detach(Mountpoint);
        await _site.DisposeAsync();
    }

    [SkippableFact]
    public async Task It_returns_when_the_files_can_be_used_and_goes_on_without_a_terminal()
    {
        RealMount.SkipWithoutFuse();
        await _site.StartBrokerAsync();
        await _site.CliAsync("mkdir /d", "set trigger name /d/t");
        Ended started = await _site.RunAsync("mount", "--daemon", "--logfile", "log", Mountpoint);
        Assert.Equal((0, "", ""), (started.ExitCode, started.Out, started.Err));
        Assert.Equal("t\n", (await BashAsync("ls d")).Out);
        Assert.Contains("Ready and running in background", File.ReadAllText(Path.Combine(_site.Folder, "log")));
        string at = $"/proc/{DaemonOf(Mountpoint)}";
        for (int fd = 0; fd <= 2; fd++) Assert.Equal("/dev/null", new FileInfo($"{at}/fd/{fd}").LinkTarget);
        Assert.Equal("/", new FileInfo($"{at}/cwd").LinkTarget);
        Assert.Equal(0, (await BashAsync("cd /; umount \"$OLDPWD\"")).ExitCode);
        await Site.UntilAsync(() => Task.FromResult(HasEnded(at)), "it goes on without its mount");
    }

    [SkippableFact]
    public async Task What_keeps_it_from_mounting_is_said_with_its_exit_status()
    {
        RealMount.SkipWithoutFuse();
        Directory.CreateDirectory(Path.Combine(Mountpoint, "full"));
        Ended started = await _site.RunAsync("mount", "--daemon", Mountpoint);
        Assert.Equal(78, started.ExitCode);
        Assert.Contains("is not empty", started.Err);
        Ended wrong = await _site.RunAsync("mount", "--daemon", "-o", "umask=9", Mountpoint);
        Assert.Equal(64, wrong.ExitCode);
        Assert.Contains("'9' is no umask", wrong.Err);
    }

    [SkippableFact]
    public async Task Without_a_broker_it_says_so_and_the_files_come_up()
    {
        RealMount.SkipWithoutFuse();
        Ended started = await _site.RunAsync("mount", "--daemon", "-o", "frobnicate", Mountpoint);
        Assert.Equal(0, started.ExitCode);
        Assert.Contains("W: unknown options are ignored: frobnicate", started.Err);
        Assert.Contains("The files come up and follow", started.Err);
        Assert.Equal(MountTable.Type, MountTable.At(Mountpoint)!.FileSystem);
    }

    [SkippableFact]
    public async Task A_dry_run_checks_and_mounts_nothing()
    {
        Ended checkedOnly = await _site.RunAsync("mount", "--dry-run", Mountpoint);
        Assert.Equal((0, ""), (checkedOnly.ExitCode, checkedOnly.Err));
        Assert.False(Directory.Exists(Mountpoint));
    }

    /// <summary>The process whose command line ends with the mountpoint.</summary>
    /// <summary>
    /// Ended, or a zombie, whose command line is empty: tests of workers make this process the one that orphans come
    /// to.
    /// </summary>
    private static bool HasEnded(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline").Length == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string DaemonOf(string mountpoint) => Directory.EnumerateDirectories("/proc")
        .Where(folder => File.Exists($"{folder}/cmdline"))
        .First(folder => File.ReadAllText($"{folder}/cmdline") is var line
            && line.Contains("--in-background") && line.EndsWith(mountpoint + "\0"))[6..];

    private Task<Ended> BashAsync(string script) => Ended.RunAsync(
        new("bash", ["-c", $"cd '{Mountpoint}' && {{ {script}; }}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
}
