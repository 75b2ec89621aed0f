using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>log/syslog</c>: the message as RFC 5424 has it, over UDP (RFC 5426) or TCP with octet counting (RFC 6587); and,
/// as
/// the C library does it, through the host's own socket.
/// </summary>
sealed class SyslogWork : IWork
{
    private static readonly string[] Facilities =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp",
        "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    private static readonly string[] Severities =
        ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "log/syslog",
        "sends the message to syslog",
        "triggerfs client -service demo -plugin log/syslog -args address=udp://loghost:514 -command 'door is open'",
        NetworkAddress.Input("unix:/dev/log", "udp", "tcp", "unix"),
        BuiltInPlugins.WordInput("facility", "user", Facilities),
        BuiltInPlugins.WordInput("severity", "info", Severities),
        new("app", Default: "triggerfs", Pattern: new("[!-~]{1,48}")),
        new("host", Pattern: new("[!-~]{1,255}")));

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        NetworkAddress address = NetworkAddress.Parse(call.Text("address"));
        int priority = (Array.IndexOf(Facilities, call.Text("facility")) * 8)
            + Array.IndexOf(Severities, call.Text("severity"));
        byte[] message = address.Scheme == "unix"
            ? Local(call, priority, DateTime.Now) : Encode(call, priority, DateTime.UtcNow);
        switch (address.Scheme)
        {
            case "tcp":
                byte[] length = Encoding.ASCII.GetBytes($"{message.Length} ");
                await address.SendStreamAsync((byte[])[.. length, .. message], stop);
                break;
            case "udp":
                if (message.Length > NetworkAddress.DatagramMax) throw TooLarge(message.Length);
                await address.SendDatagramsAsync([message], stop);
                break;
            default:
                await SendLocalAsync(address, message, stop);
                break;
        }
        return 0;
    }

    /// <summary>RFC 5424, section 6: <c>&lt;PRI&gt;1 TIME HOST APP PROCID MSGID STRUCTURED-DATA MSG</c>.</summary>
    public static byte[] Encode(WorkCall call, int priority, DateTime utc)
    {
        string host = call.Find("host") ?? Environment.MachineName;
        string head = $"<{priority}>1 {Rfc3339.Milliseconds(utc)} {host} {call.Text("app")} - - - ";
        return [.. Encoding.ASCII.GetBytes(head), .. call.Line.Span];
    }

    /// <summary>
    /// What syslog(3) writes to the local socket. Its daemons expect this and not RFC 5424 there: they know the host,
    /// and
    /// take the process from the socket.
    /// </summary>
    private static byte[] Local(WorkCall call, int priority, DateTime local)
    {
        string time = local.ToString("MMM d HH:mm:ss", CultureInfo.InvariantCulture);
        if (local.Day < 10) time = time.Insert(4, " ");
        return [.. Encoding.ASCII.GetBytes($"<{priority}>{time} {call.Text("app")}: "), .. call.Line.Span];
    }

    private static async Task SendLocalAsync(NetworkAddress address, byte[] message, CancellationToken stop)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(address.Host), stop);
            await socket.SendAsync(message, stop);
        }
        catch (SocketException problem) when (problem.SocketErrorCode == SocketError.MessageSize)
        {
            throw TooLarge(message.Length);
        }
        catch (SocketException problem)
        {
            throw address.Unreachable(problem);
        }
    }

    private static TriggerException TooLarge(int length) => new(
        ErrorCode.TooLarge, $"a message of {length} bytes is too large for one datagram", fix: "use tcp://");
}
