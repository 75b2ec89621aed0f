using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace TriggerFs.Bench.Plugins;

/// <summary>
/// Debian's gearmand with as many <c>gearman -w</c> as jobs are under way; they start a program for each.
/// </summary>
sealed class Gearman : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly int _port = Site.FreePort();

    public Gearman(string program, int workers)
    {
        Start("gearmand", $"--port={_port}", "--listen=127.0.0.1", "--log-file=none");
        while (!IsUp()) Thread.Sleep(20);
        for (int i = 0; i < workers; i++) Start("gearman", [.. Where, "-w", "-f", "hello", program]);
    }

    private string[] Where => ["-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture)];

    /// <summary>A command that sends jobs, so many at once.</summary>
    public string Command(int atOnce)
    {
        string one = $"gearman {string.Join(' ', Where)} -n -f hello";
        return atOnce == 1 ? $"seq JOBS | {one}"
            : $"for i in $(seq {atOnce}); do seq $(( (JOBS + {atOnce} - i) / {atOnce} )) | {one} & done; wait";
    }

    public void Dispose()
    {
        foreach (Process process in Enumerable.Reverse(_processes))
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    private bool IsUp()
    {
        try
        {
            using var socket = new TcpClient("127.0.0.1", _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Start(string program, params string[] arguments) => _processes.Add(Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!);
}
