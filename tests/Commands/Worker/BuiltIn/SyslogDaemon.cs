using System.Diagnostics;
using TriggerFs.Commands.Worker;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>A real rsyslogd that listens on UDP, TCP and a socket of its own, and writes what it understood.</summary>
public sealed class SyslogDaemon : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Child? _daemon;

    /// <summary>Why it does not run; null when it does.</summary>
    public string? Missing { get; private set; }

    public string Udp { get; private set; } = "";

    public string Tcp { get; private set; } = "";

    public string Local => $"unix:{Path.Combine(_folder.Path, "log")}";

    private string Written => Path.Combine(_folder.Path, "written");

    public async Task InitializeAsync()
    {
        if (!File.Exists("/usr/sbin/rsyslogd") || !Directory.Exists("/usr/lib/x86_64-linux-gnu/rsyslog"))
        {
            Missing = "rsyslog is needed";
            return;
        }
        string udp = Site.FreeAddress().Split(':')[^1], tcp = Site.FreeAddress().Split(':')[^1];
        (Udp, Tcp) = ($"udp://127.0.0.1:{udp}", $"tcp://127.0.0.1:{tcp}");
        string configuration = _folder.Write("conf", $$"""
            global(maxMessageSize="64k" workDirectory="{{_folder.Path}}")
            module(load="imudp")
            module(load="imtcp")
            module(load="imuxsock" SysSock.Use="off")
            input(type="imudp" port="{{udp}}" address="127.0.0.1")
            input(type="imtcp" port="{{tcp}}" address="127.0.0.1")
            input(type="imuxsock" Socket="{{_folder.Path}}/log")
            template(name="all" type="string"
                string="%inputname% %syslogfacility-text%.%syslogseverity-text% %hostname% %app-name% [%msg%]\n")
            action(type="omfile" file="{{Written}}" template="all")
            """);
        _daemon = new(new ProcessStartInfo(
            "/usr/sbin/rsyslogd", ["-n", "-f", configuration, "-i", Path.Combine(_folder.Path, "pid")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        await Site.UntilAsync(() => Task.FromResult(File.Exists(Path.Combine(_folder.Path, "log"))
            && File.ReadAllText("/proc/net/tcp").Contains($":{int.Parse(tcp):X4} ", StringComparison.Ordinal)),
            "rsyslogd does not listen");
    }

    /// <summary>Waits for a line that has a text, and returns it.</summary>
    public string LineWith(string text)
    {
        string? line = null;
        WorkerStage.Wait(() => File.Exists(Written) && (line = File.ReadAllLines(Written).FirstOrDefault(
            one => one.Contains(text, StringComparison.Ordinal))) is not null, $"a line with {text}", 30_000);
        return line!;
    }

    public async Task DisposeAsync()
    {
        if (_daemon is not null) await _daemon.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();
}
