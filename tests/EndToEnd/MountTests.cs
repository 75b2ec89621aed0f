using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The tutorial's trigger through a real mount: written by real programs, run by a real worker.</summary>
public sealed class MountTests : IAsyncLifetime
{
    private Site _site = null!;

    private string Mountpoint => Path.Combine(_site.Folder, "mnt");

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("demo01");
        await _site.ServiceAsync("demoservice", "roundrobin", "demo01");
        await _site.CliAsync(
            "mkdir /newtrigger",
            "set trigger name /newtrigger/demotrigger",
            "set trigger demotrigger plugin command/command",
            "set trigger demotrigger service attach demoservice",
            "set trigger demotrigger timeout 10s");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [SkippableFact]
    public async Task Writing_to_a_trigger_runs_the_command_on_the_worker_and_the_answer_is_shown_and_counted()
    {
        Child mount = await MountAsync();
        Assert.Contains("demotrigger", (await ShellAsync("ls -l newtrigger")).Out, StringComparison.Ordinal);
        Ended written = await ShellAsync(
            $"echo 'echo hello $((40+2)); touch {_site.Folder}/ran' > newtrigger/demotrigger");
        Assert.Equal((0, ""), (written.ExitCode, written.Err));
        await mount.LineAsync("hello 42");
        await Site.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(_site.Folder, "ran"))), "it did not run");
        await Site.UntilAsync(
            async () => Regex.IsMatch((await _site.CliAsync("show triggers")).Out, @"demoservice +\| 10s +\| +1 \|"),
            "the hit was not counted");
        mount.Terminate();
        Assert.Equal(0, await mount.EndAsync());
        Assert.DoesNotContain(Mountpoint, await File.ReadAllTextAsync("/proc/mounts"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_program_reads_its_own_answer_from_the_file_it_wrote_to()
    {
        await MountAsync();
        Ended ended = await ShellAsync("exec 3<> newtrigger/demotrigger; echo 'echo one; echo two' >&3; cat <&3");
        Assert.Equal("one\ntwo\n", ended.Out);
    }

    [SkippableFact]
    public async Task A_slow_reader_gets_all_of_a_large_answer_and_slows_the_command_down()
    {
        await MountAsync();
        Skip.If((await ShellAsync("command -v python3")).ExitCode != 0, "there is no python3");
        string flag = Path.Combine(_site.Folder, "ended");
        Ended ended = await ShellAsync($$"""
            exec 3<> newtrigger/demotrigger
            echo 'head -c 12000000 /dev/zero; touch {{flag}}' >&3
            python3 - << 'END'
            import os, time
            total = 0
            for i in range(10): total += len(os.read(3, 1 << 17)); time.sleep(0.1)
            print('held back' if not os.path.exists('{{flag}}') else 'not held back')
            while piece := os.read(3, 1 << 17): total += len(piece)
            print(total, os.path.exists('{{flag}}'))
            END
            """);
        Assert.Equal("held back\n12000000 True\n", ended.Out);
    }

    [SkippableFact]
    public async Task A_message_of_16_MiB_goes_through_where_the_limit_says_so_and_not_before()
    {
        await _site.CliAsync("set trigger demotrigger message close");
        Child mount = await MountAsync();
        const string Script = "{ echo \"wc -c << 'END'\"; head -c 16000000 /dev/zero | tr '\\0' x | fold -w 100;"
            + " printf '\\nEND\\n'; }";
        Ended refused = await ShellAsync($"{Script} > newtrigger/demotrigger");
        Assert.Contains("Message too long", refused.Err, StringComparison.Ordinal);
        await _site.CliAsync("set trigger demotrigger limit 16MiB");
        Assert.Contains("16MiB", (await _site.CliAsync("show triggers demotrigger")).Out, StringComparison.Ordinal);
        Ended written = await ShellAsync($"{Script} > newtrigger/demotrigger");
        Assert.Equal((0, ""), (written.ExitCode, written.Err));
        await mount.LineAsync("] 16160000"); // A newline for each hundred, and the last.
    }

    [SkippableFact]
    public async Task What_is_made_in_the_cli_or_in_one_mount_shows_in_another_within_a_second()
    {
        await MountAsync();
        Assert.NotEqual(0, (await ShellAsync("stat newtrigger/late")).ExitCode);
        await _site.CliAsync("set trigger name /newtrigger/late");
        await Site.UntilAsync(
            async () => (await ShellAsync("stat newtrigger/late")).ExitCode == 0,
            "the new trigger does not show", TimeSpan.FromSeconds(1));
        Ended changed = await ShellAsync("mkdir made && mv newtrigger/late made/moved && chmod 600 made/moved");
        Assert.Equal((0, ""), (changed.ExitCode, changed.Err));
        Assert.Contains("/made/moved", (await _site.CliAsync("show triggers")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await ShellAsync("mkdir made/empty && rmdir made/empty")).ExitCode);
        Assert.NotEqual(0, (await ShellAsync("rmdir made")).ExitCode);
    }

    [SkippableFact]
    public async Task With_the_broker_away_looking_works_and_writing_works_again_when_it_is_back()
    {
        Child mount = await MountAsync();
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        Ended looked = await ShellAsync("ls -lR . && df . && stat newtrigger/demotrigger");
        Assert.True(looked.ExitCode == 0, looked.Err);
        await _site.StartBrokerAsync();
        await _site.OnlineAsync("demo01");
        await Site.UntilAsync(
            async () =>
            {
                await ShellAsync("echo 'echo back again' > newtrigger/demotrigger");
                return mount.Text.Contains("back again", StringComparison.Ordinal);
            },
            "no write reaches the worker any more");
    }

    private async Task<Child> MountAsync()
    {
        Skip.If(!CanOpenFuse(), "/dev/fuse cannot be opened here");
        Child mount = _site.Start("mount", Mountpoint);
        await mount.LineAsync("Ready and running");
        return mount;
    }

    /// <summary>
    /// Runs a shell in the mount, in a process of its own with a deadline, so that a hang is a failure.
    /// </summary>
    private Task<Ended> ShellAsync(string command) => Ended.RunAsync(
        new ProcessStartInfo("timeout", ["20", "bash", "-c", $"cd '{Mountpoint}' && {command}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });

    internal static bool CanOpenFuse()
    {
        try
        {
            using FileStream device = File.Open("/dev/fuse", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
