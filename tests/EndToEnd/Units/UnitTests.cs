using System.Diagnostics;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.EndToEnd.Units;

/// <summary>The unit files that <c>make install</c> lays down: checked by systemd, and run by a real one.</summary>
public sealed class UnitTests : IDisposable
{
    private const string Systemd = "/usr/lib/systemd/systemd";

    private static readonly string Folder = Path.Combine(Repository.Sources.Root, "Commands/Systemd");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Systemd_finds_nothing_to_say_against_the_units()
    {
        SkipWithoutSystemd();
        Assert.Equal((0, "", ""), await AnalyzeAsync(
            "verify", Installed("triggerfs-broker.service"), Installed("triggerfs-worker@.service"),
            Installed("triggerfs-mount@.service")));
    }

    [SkippableFact]
    public async Task The_broker_is_hardened_and_the_worker_is_not_on_purpose()
    {
        SkipWithoutSystemd();
        (int exit, string output, string error) = await AnalyzeAsync(
            "security", "--offline=true", "--no-pager", "--threshold=20", Installed("triggerfs-broker.service"));
        Assert.True(exit == 0, output + error);
        string worker = File.ReadAllText(Path.Combine(Folder, "triggerfs-worker@.service"));
        Assert.Contains("# Relaxed on purpose", worker);
        Assert.DoesNotContain("\nNoNewPrivileges", worker);
        Assert.Contains("\nUser=triggerfs-worker\n", worker);
    }

    [SkippableFact]
    public async Task A_real_systemd_starts_watches_and_stops_broker_worker_and_mount()
    {
        SkipWithoutSystemd();
        RealMount.SkipWithoutFuse();
        string output = await BootAsync("""
            $T cli -c 'set workers identity demo01' -c 'mkdir /d' -c 'set trigger name /d/t' > /dev/null 2>&1
            $T cli -c 'set services name s' -c 'set services s workers add demo01' > /dev/null 2>&1
            (
                echo '[main]'; grep -E '^broker(key)? ' /etc/triggerfs/triggerfs.toml; echo '[workers.team1.demo01]'
                token=$($T cli -c 'show workers demo01 token' | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
                echo "token = '$token'"
            ) > /etc/triggerfs/worker.toml
            chmod 600 /etc/triggerfs/worker.toml
            systemctl start triggerfs-worker@demo01
            $T client -service s -plugin command/command -timeout 30s -command 'id -un; pwd'
            systemctl start triggerfs-mount@srv-triggers
            ls /srv/triggers/d; systemctl show -p StatusText triggerfs-mount@srv-triggers
            systemctl kill -s KILL triggerfs-mount@srv-triggers
            again() { [ "$(systemctl show --value -p NRestarts triggerfs-mount@srv-triggers)" = 1 ]; }
            until again && ls /srv/triggers/d; do sleep 0.2; done 2> /dev/null
            systemctl stop triggerfs-mount@srv-triggers; findmnt /srv/triggers || echo unmounted
            systemctl stop triggerfs-worker@demo01 triggerfs-broker
            systemctl is-failed 'triggerfs-*' || echo all ended well
            stat -Lc %a /var/lib/triggerfs
            """);
        Assert.Equal("""
            triggerfs-worker
            /var/lib/triggerfs-worker
            t
            StatusText=serving /srv/triggers
            t
            unmounted
            all ended well
            700

            """, output);
    }

    [SkippableFact]
    public async Task A_real_systemd_fills_the_automount_of_a_line_in_fstab_when_somebody_walks_in()
    {
        SkipWithoutSystemd();
        RealMount.SkipWithoutFuse();
        string output = await BootAsync("""
            $T cli -c 'mkdir /d' > /dev/null
            options=_netdev,nofail,x-systemd.automount,umask=027
            echo "/etc/triggerfs/triggerfs.toml /srv/t triggerfs $options 0 0" > /etc/fstab
            systemctl daemon-reload
            systemctl start srv-t.automount
            systemctl is-active srv-t.mount || true
            ls -l /srv/t | tail -n 1 | cut -c1-10
            systemctl is-active srv-t.mount
            systemctl stop srv-t.automount srv-t.mount; findmnt /srv/t || echo unmounted
            """);
        Assert.Equal("inactive\ndrwxr-x---\nactive\nunmounted\n", output);
    }

    [SkippableFact]
    public async Task The_built_in_plugin_starts_stops_restarts_and_shows_a_unit_of_a_real_systemd()
    {
        SkipWithoutSystemd();
        string output = await BootAsync("""
            printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 600\n' > /run/units/demo-one.service
            cp /run/units/demo-one.service /run/units/other.service
            systemctl daemon-reload
            (
                echo '[main]'; grep -E '^broker(key)? ' /etc/triggerfs/triggerfs.toml
                echo '[plugins."system/service"]'; echo 'allow = ["demo-*"]'; echo '[workers.team1.demo01]'
                $T cli -c 'set workers identity demo01' > /dev/null 2>&1
                token=$($T cli -c 'show workers demo01 token' | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
                echo "token = '$token'"
            ) > /etc/triggerfs/worker.toml
            chmod 600 /etc/triggerfs/worker.toml
            $T worker -identity demo01 --config /etc/triggerfs/worker.toml > $FOLDER/worker 2>&1 &
            worker=$!
            until grep -qs BROKER_ACCEPTED $FOLDER/worker; do kill -0 $worker; sleep 0.2; done
            service() { $T client -service demo01 -plugin system/service -timeout 60s -args service=$1 -command $2; }
            process() { systemctl show --value -p MainPID demo-one; }
            service demo-one start; systemctl is-active demo-one; first=$(process)
            service demo-one restart; [ "$(process)" != "$first" ] && echo another process
            service demo-one status | grep -o 'Active: active (running)'
            service demo-one stop; systemctl is-active demo-one || true
            service demo-one status > /dev/null || echo "status $?"
            service other start 2> $FOLDER/refused || echo "refused $?"; systemctl is-active other || true
            kill $worker; wait $worker || true
            systemctl stop triggerfs-broker
            """);
        Assert.Equal(
            "active\nanother process\nActive: active (running)\ninactive\nstatus 3\nrefused 126\ninactive\n", output);
    }

    private static void SkipWithoutSystemd()
    {
        Skip.IfNot(File.Exists(Systemd), "there is no systemd");
        Skip.IfNot(Environment.IsPrivilegedProcess, "it takes root");
    }

    /// <summary>A unit as make install lays it down, with a program that there is.</summary>
    private string Installed(string unit)
    {
        string program = Path.Combine(_folder.Path, "triggerfs");
        if (!File.Exists(program)) File.CreateSymbolicLink(program, RealProgram.Executable);
        string path = Path.Combine(_folder.Path, unit);
        File.WriteAllText(path, File.ReadAllText(Path.Combine(Folder, unit)).Replace("@BIN@", _folder.Path));
        return path;
    }

    private static async Task<(int Exit, string Out, string Error)> AnalyzeAsync(params string[] arguments)
    {
        Ended ended = await Ended.RunAsync(Start("systemd-analyze", arguments));
        return (ended.ExitCode, ended.Out, ended.Err);
    }

    /// <summary>
    /// Boots, makes an installation and starts its broker, runs a script, and returns what it printed.
    /// </summary>
    private async Task<string> BootAsync(string script)
    {
        script = $"""
            set -e
            echo 'correct horse battery staple' > $FOLDER/secret; chmod 600 $FOLDER/secret
            mine="--team team1 --identity admin --secret-file $FOLDER/secret"
            $T init $mine --listen {Site.FreeAddress()} > $FOLDER/init
            systemctl start triggerfs-broker

            """ + script;
        string boot = Path.Combine(Repository.Sources.Root, "tests/EndToEnd/Units/boot.sh");
        ProcessStartInfo start = Start(boot, RealProgram.Executable, _folder.Path, _folder.Write("script", script));
        if (!RealProgram.IsNative)
            start.Environment["DROP_IN"] = "MemoryDenyWriteExecute=no\nSystemCallFilter=";
        Ended ended = await Ended.RunAsync(start, deadline: TimeSpan.FromMinutes(3));
        string story = string.Join('\n', ((string[])["console", "out", "log"]).Select(Read));
        Skip.If(ended.ExitCode == 77, $"no systemd can be booted here: {story}");
        Assert.True(Read("status") == "0\n", story);
        return Read("out");
    }

    private string Read(string file) =>
        File.Exists(Path.Combine(_folder.Path, file)) ? File.ReadAllText(Path.Combine(_folder.Path, file)) : "";

    private static ProcessStartInfo Start(string program, params string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
