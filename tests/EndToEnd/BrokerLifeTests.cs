using TriggerFs.Tests.Broker.Store;
using static TriggerFs.Tests.EndToEnd.TwoMounts;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A real broker over its life: settings that change, work that ends, backups, disks that are full.</summary>
public sealed class BrokerLifeTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.InitAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Settings_are_read_again_when_they_are_right_and_what_runs_may_end_before_the_broker_does()
    {
        await StartAsync();
        Change("listen", "listen = 5555");
        _site.Broker.HangUp();
        await _site.Broker.LineAsync("the settings are not read again, those before hold");
        Change("listen = 5555",
            $"drain = \"30s\"\nqueuesync = \"none\"\nloglevel = \"debug\"\nlisten = \"{Site.FreeAddress()}\" #");
        _site.Broker.HangUp();
        await _site.Broker.LineAsync("change when the broker is started again: listen, queuesync");
        await _site.Broker.LineAsync("the settings were read again");

        Task<Ended> running = _site.ClientAsync("demo01",
            $"touch {_site.Folder}/runs; until [ -e {_site.Folder}/go ]; do sleep 0.02; done; echo whole");
        await ShowsAsync(_site.Folder, "ls runs", "runs");
        _site.Broker.Terminate();
        await _site.Broker.LineAsync("about to stop: 1 requests run");
        Ended refused = await _site.ClientAsync("demo01", "true");
        Assert.Contains("the broker is about to stop", refused.Err);
        Assert.False(_site.Broker.HasExited);
        await DoAsync(_site.Folder, "touch go");
        Ended ended = await running;
        Assert.Equal((0, "whole\n"), (ended.ExitCode, ended.Out));
        Assert.Equal(0, await _site.Broker.EndAsync());
    }

    [Fact]
    public async Task A_second_TERM_ends_a_broker_that_waits_for_what_runs()
    {
        Change("[broker]", "[broker]\ndrain = \"10m\"");
        await StartAsync();
        Task<Ended> running = _site.ClientAsync("demo01", $"touch {_site.Folder}/runs; sleep 60", "-timeout", "2m");
        await ShowsAsync(_site.Folder, "ls runs", "runs");
        _site.Broker.Terminate();
        await _site.Broker.LineAsync("about to stop");
        _site.Broker.Terminate();
        Assert.Equal(128 + 15, await _site.Broker.EndAsync());
        _ = running; // It goes on trying until the site is gone.
    }

    [Fact]
    public async Task What_was_backed_up_while_the_broker_ran_is_restored_with_everybodys_keys()
    {
        await StartAsync();
        string backup = Path.Join(_site.Folder, "backup.tar"), state = Path.Join(_site.Folder, "restored");
        Ended made = await _site.RunAsync("broker", "backup", backup);
        Assert.True(made.ExitCode == 0, made.Err);
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        Ended restored = await _site.RunAsync("broker", "restore", backup, "--dir", state);
        Assert.True(restored.ExitCode == 0, restored.Err);
        await _site.StartBrokerAsync("--state", state);
        await _site.OnlineAsync("demo01"); // Its token and the broker's key are those of before.
        Assert.Equal("hello\n", (await _site.ClientAsync("demo01", "echo hello")).Out);
    }

    [SkippableFact]
    public async Task A_broker_whose_disk_is_full_takes_no_messages_serves_requests_and_goes_on_by_itself()
    {
        SkipWithoutFuse();
        using SmallDisk disk = SmallDisk.Mount(_site.Folder, "8m");
        await DoAsync(_site.Folder, $"cp -r site/state {disk.Path}/");
        await StartAsync("--state", Path.Join(disk.Path, "state"));
        string mount = await MountAsync();

        string filler = Path.Join(disk.Path, "filler");
        disk.Fill(filler);
        await DoAsync(mount, $"echo 'echo carried out >> {_site.Folder}/log' > d/t");
        await _site.Broker.LineAsync("asynchronous messages cannot be stored");
        await ShowsAsync(mount, "grep -o '^waiting: .*' .triggerfs/status", "waiting: 1");
        Assert.Equal("served\n", (await _site.ClientAsync("demo01", "echo served")).Out);
        Assert.False(File.Exists(Path.Join(_site.Folder, "log")));
        File.Delete(filler);
        await ShowsAsync(_site.Folder, "cat log", "carried out");
        await ShowsAsync(mount, "grep -o '^waiting: .*' .triggerfs/status", "waiting: 0");
    }

    [SkippableFact]
    public async Task A_mount_whose_disk_is_full_refuses_writes_with_ENOSPC_and_takes_them_again_by_itself()
    {
        SkipWithoutFuse();
        using SmallDisk disk = SmallDisk.Mount(_site.Folder, "8m");
        await StartAsync();
        await File.AppendAllTextAsync(_site.SettingsFile, $"\n[triggerfs]\nspool = \"{disk.Path}/spool\"\n");
        string mount = await MountAsync();

        string filler = Path.Join(disk.Path, "filler");
        disk.Fill(filler);
        // A page of the log may have room yet.
        await ShowsAsync(mount, "{ head -c 8192 /dev/zero > d/t; } 2>&1 | grep -o 'No space left on device'",
            "No space left on device");
        File.Delete(filler);
        await ShowsAsync(mount, $"echo 'echo carried out > {_site.Folder}/log' > d/t; cat {_site.Folder}/log",
            "carried out");
    }

    private static void SkipWithoutFuse()
    {
        TriggerFs.Tests.Fs.RealMount.SkipWithoutFuse();
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root can mount a small disk");
    }

    private async Task StartAsync(params string[] options)
    {
        await _site.StartBrokerAsync(options);
        await _site.WorkerAsync("demo01");
    }

    private async Task<string> MountAsync()
    {
        await _site.ServiceAsync("demoservice", "roundrobin", "demo01");
        await _site.CliAsync("mkdir /d", "set trigger name /d/t", "set trigger /d/t plugin command/command",
            "set trigger /d/t service attach demoservice");
        string mountpoint = Path.Join(_site.Folder, "m");
        await _site.Start("mount", mountpoint).LineAsync("Ready and running");
        return mountpoint;
    }

    private void Change(string from, string to)
    {
        string settings = File.ReadAllText(_site.SettingsFile);
        Assert.Contains(from, settings);
        int at = settings.IndexOf(from, settings.IndexOf("[broker]", StringComparison.Ordinal));
        File.WriteAllText(_site.SettingsFile, settings[..at] + to + settings[(at + from.Length)..]);
    }
}
