using System.Diagnostics;
using TriggerFs.Fs.Kernel;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.Commands.Mount;

/// <summary>The real <c>triggerfs mount</c>: how it dies, how it lives without a broker, and not as root.</summary>
public sealed class MountProgramTests : IAsyncLifetime
{
    private Site _site = null!;

    private string Mountpoint => Path.Combine(_site.Folder, "mnt");

    public async Task InitializeAsync() => _site = await Site.InitAsync();

    public async Task DisposeAsync()
    {
        await _site.DisposeAsync();
        Assert.Null(MountTable.At(Mountpoint));
    }

    [SkippableFact]
    public async Task Killed_it_leaves_no_mount_behind_and_nothing_that_hangs()
    {
        RealMount.SkipWithoutFuse();
        await PrepareAsync();
        Child mount = await MountAsync();
        Ended writer = await BashAsync("exec 3> d/t; echo true >&3");
        Assert.Equal(0, writer.ExitCode);
        mount.Kill();
        await mount.EndAsync();
        await Site.UntilAsync(() => Task.FromResult(MountTable.At(Mountpoint) is null), "it is still mounted");
        Child again = await MountAsync();
        Assert.Equal(0, (await BashAsync("echo true > d/t")).ExitCode);
        again.Terminate();
        Assert.Equal(0, await again.EndAsync());
    }

    [SkippableFact]
    public async Task Without_a_broker_the_files_come_up_and_follow_when_it_is_there()
    {
        RealMount.SkipWithoutFuse();
        await PrepareAsync();
        _site.Broker.Terminate();
        await _site.Broker.EndAsync();
        Child mount = await MountAsync();
        Assert.Equal("", (await BashAsync("ls")).Out);
        await mount.LineAsync("W: the broker cannot be reached: ");
        await _site.StartBrokerAsync();
        await mount.LineAsync($"Connected to the broker as {Site.Team}/{Site.Identity}");
        await Site.UntilAsync(
            async () => (await BashAsync("ls d")).Out == "t\n", "the tree did not follow");
        mount.Interrupt();
        Assert.Equal(0, await mount.EndAsync());
        Assert.DoesNotContain(File.ReadLines(_site.SettingsFile).First(line => line.Contains("secret")), mount.Text);
    }

    [SkippableFact]
    public async Task What_is_written_while_the_broker_is_away_is_sent_in_order_when_it_is_back()
    {
        RealMount.SkipWithoutFuse();
        await _site.StartBrokerAsync();
        Child worker = await _site.WorkerAsync("demo01", "--jobs", "1");
        await FurnishAsync();
        Child mount = await MountAsync();
        _site.Broker.Terminate();
        await _site.Broker.EndAsync();
        await mount.LineAsync("the connection to the broker is gone");
        Ended written = await BashAsync("for i in {1..50}; do echo \"echo written $i\" > d/t; done");
        Assert.Equal((0, ""), (written.ExitCode, written.Err));
        Assert.Equal(1, (await BashAsync("mkdir d/new")).ExitCode);
        await _site.StartBrokerAsync();
        await _site.OnlineAsync("demo01");
        // A worker that comes back after the mount does finds the messages refused: nobody was online.
        await mount.LineAsync("Connected to the broker again");
        await Site.UntilAsync(
            () => Task.FromResult(Count(mount, "] written ") + Count(mount, " LOST: ") == 50), "not all were answered");
        int[] answered = [.. mount.Text.Split('\n').Where(line => line.Contains("] written "))
            .Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..]))];
        Assert.Equal(answered.Order(), answered);
        Assert.False(worker.HasExited);
    }

    [SkippableFact]
    public async Task A_user_who_is_not_root_mounts_through_fusermount3()
    {
        RealMount.SkipWithoutFuse();
        await PrepareAsync();
        ProcessStartInfo program = RealProgram.Start(
            _site.Folder, ["--config", $"{_site.Folder}/mine.toml", "mount", $"{_site.Folder}/home/mnt"]);
        string command = string.Join(' ', new[] { program.FileName }.Concat(program.ArgumentList).Select(Quote));
        // /dev/fuse is root's alone on some machines: a private mount namespace has one for everybody.
        string script = $$"""
            set -e
            cd {{Quote(_site.Folder)}}
            mount -t tmpfs none /mnt; mknod /mnt/fuse c 10 229; chmod 666 /mnt/fuse; mount --bind /mnt/fuse /dev/fuse
            chmod 755 .; mkdir home; cp site/triggerfs.toml mine.toml; chown 65534:65534 home mine.toml
            as() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME={{Quote(_site.Folder)}}/home "$@"; }
            cd home
            as {{command}} > log 2>&1 & mount=$!
            for i in {1..300}; do grep -q Ready log && break; kill -0 $mount || break; sleep 0.1; done
            as stat -c '%u %g %A' mnt/d/t
            as bash -c 'echo true > mnt/d/t' && echo written
            cat mnt/d/t 2> /dev/null || echo root is another user
            pkill -TERM -P $mount || kill $mount; wait $mount; echo $?
            cat log
            """;
        Ended run = await Ended.RunAsync(new ProcessStartInfo(
            "unshare", ["--mount", "--propagation", "private", "bash", "-c", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        Assert.Contains("65534 65534 -rw-r--r--\nwritten\nroot is another user\n0\n", run.Out + run.Err);
    }

    private static int Count(Child child, string text) => child.Text.Split('\n').Count(line => line.Contains(text));

    private static string Quote(string text) => $"'{text}'";

    private async Task PrepareAsync()
    {
        await _site.StartBrokerAsync();
        await _site.CliAsync("set workers identity demo01");
        await FurnishAsync();
    }

    private async Task FurnishAsync()
    {
        await _site.CliAsync(
            "mkdir /d",
            "set trigger name /d/t",
            "set trigger t plugin command/command",
            "set services name s",
            "set services s workers add demo01",
            "set trigger t service attach s");
    }

    private async Task<Child> MountAsync()
    {
        Child mount = _site.Start("mount", Mountpoint);
        await mount.LineAsync("Ready and running in foreground");
        return mount;
    }

    private Task<Ended> BashAsync(string script) => Ended.RunAsync(
        new ProcessStartInfo("bash", ["-c", $"cd {Quote(Mountpoint)} && {{ {script}; }}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        },
        deadline: TimeSpan.FromSeconds(20));
}
