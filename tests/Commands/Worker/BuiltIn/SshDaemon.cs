using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TriggerFs.Commands.Worker;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>
/// A real sshd on a free port of loopback, with keys of its own, that lets in whoever has the user's.
/// </summary>
public sealed class SshDaemon : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Child? _daemon;

    /// <summary>Why it does not run; null when it does.</summary>
    public string? Missing { get; private set; }

    public string Port { get; } = Site.FreeAddress().Split(':')[^1];

    public string Key => Path.Combine(_folder.Path, "user");

    public string KnownHosts => Path.Combine(_folder.Path, "known");

    public async Task InitializeAsync()
    {
        if (!File.Exists("/usr/sbin/sshd") || !File.Exists("/usr/bin/ssh") || Environment.UserName != "root")
        {
            Missing = "sshd, ssh and root are needed";
            return;
        }
        Directory.CreateDirectory("/run/sshd"); // It insists on this folder, which is its own.
        string host = Path.Combine(_folder.Path, "host");
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host);
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Key);
        File.Copy(Key + ".pub", Path.Combine(_folder.Path, "authorized"));
        _folder.Write("known", $"[127.0.0.1]:{Port} {await File.ReadAllTextAsync(host + ".pub")}");
        string configuration = _folder.Write("conf", $"""
            Port {Port}
            ListenAddress 127.0.0.1
            HostKey {host}
            AuthorizedKeysFile {_folder.Path}/authorized
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            PidFile none
            """);
        _daemon = new(Start("/usr/sbin/sshd", "-D", "-e", "-f", configuration));
        await Site.UntilAsync(() => Task.FromResult(Listens()), "sshd does not listen");
    }

    public async Task DisposeAsync()
    {
        if (_daemon is not null) await _daemon.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    private bool Listens()
    {
        try
        {
            using var socket = new TcpClient();
            socket.Connect(IPAddress.Loopback, int.Parse(Port, CultureInfo.InvariantCulture));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        Ended ended = await Ended.RunAsync(Start(program, arguments));
        Assert.True(ended.ExitCode == 0, ended.Err);
    }

    private static ProcessStartInfo Start(string program, params string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
