using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// Where a message goes, such as <c>udp://graylog:12201</c>, <c>tcp://[::1]:514</c> or <c>unix:/dev/log</c>. What
/// cannot
/// be reached is told with the address.
/// </summary>
sealed record NetworkAddress(string Scheme, string Host, int Port)
{
    /// <summary>Bytes of a datagram at the most, over IPv4.</summary>
    public const int DatagramMax = 65_507;

    /// <summary>The input of a plugin that takes such an address.</summary>
    /// <param name="value">Its default; null when there is none.</param>
    /// <param name="schemes">What it may begin with.</param>
    public static PluginInput Input(string? value, params string[] schemes)
    {
        string network = string.Join('|', schemes.Where(scheme => scheme != "unix"));
        string local = schemes.Contains("unix") ? "|unix:/.+" : "";
        return new("address", Required: value is null, Default: value,
            Pattern: new($@"(?:{network})://(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{{1,5}}{local}"));
    }

    /// <summary>An address that has the form of <see cref="Input"/>.</summary>
    public static NetworkAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal)) return new("unix", text[5..], 0);
        int schemeEnd = text.IndexOf("://", StringComparison.Ordinal), portAt = text.LastIndexOf(':');
        string host = text[(schemeEnd + 3)..portAt].Trim('[', ']');
        return int.Parse(text[(portAt + 1)..], CultureInfo.InvariantCulture) is var port and > 0 and <= 65_535
            ? new(text[..schemeEnd], host, port)
            : throw new TriggerException(ErrorCode.Invalid, $"{text} is no address", "a port is 1 to 65535");
    }

    public override string ToString() => Scheme == "unix" ? $"unix:{Host}" : $"{Scheme}://{Host}:{Port}";

    /// <summary>Sends datagrams, each as one.</summary>
    public async Task SendDatagramsAsync(IEnumerable<ReadOnlyMemory<byte>> datagrams, CancellationToken stop)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(Host, stop);
            if (found.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
            var end = new IPEndPoint(found[0], Port);
            using var socket = new Socket(end.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            foreach (ReadOnlyMemory<byte> datagram in datagrams) await socket.SendToAsync(datagram, end, stop);
        }
        catch (SocketException problem)
        {
            throw Unreachable(problem);
        }
    }

    /// <summary>
    /// Sends bytes over a connection of their own, and waits until the peer has taken note of their end.
    /// </summary>
    public async Task SendStreamAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(Host, Port, stop);
            for (int sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes[sent..], stop);
            socket.Shutdown(SocketShutdown.Send);
            // A peer that was gone already says so now; one that closes has read everything before.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(TimeSpan.FromMilliseconds(500));
            await DrainAsync(socket, patience.Token, stop);
        }
        catch (SocketException problem)
        {
            throw Unreachable(problem);
        }
    }

    public TriggerException Unreachable(SocketException problem) => new(
        ErrorCode.NotFound, $"{this} cannot be reached", problem.Message, "look whether something listens there");

    private static async Task DrainAsync(Socket socket, CancellationToken patience, CancellationToken stop)
    {
        byte[] said = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(said, patience) > 0)
            {
                // What it says is of no interest here.
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // It keeps its side open, as it may.
        }
    }
}
