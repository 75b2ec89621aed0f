using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>Takes datagrams and connections on one free port of loopback, and keeps what came.</summary>
sealed class Receiver : IDisposable
{
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly CancellationTokenSource _stop = new();

    public Receiver()
    {
        _udp.ReceiveBufferSize = 4 * 1024 * 1024;
        _udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Port = ((IPEndPoint)_udp.LocalEndPoint!).Port;
        _tcp = new(IPAddress.Loopback, 0);
        _tcp.Start();
        TcpPort = ((IPEndPoint)_tcp.LocalEndpoint).Port;
        _ = TakeDatagramsAsync();
        _ = TakeConnectionsAsync();
    }

    public int Port { get; }

    public int TcpPort { get; }

    public string Udp => $"udp://127.0.0.1:{Port}";

    public string Tcp => $"tcp://127.0.0.1:{TcpPort}";

    public ConcurrentQueue<byte[]> Datagrams { get; } = new();

    /// <summary>All that came over each connection that has ended.</summary>
    public ConcurrentQueue<byte[]> Connections { get; } = new();

    /// <summary>Waits for so many of them.</summary>
    public static byte[][] Wait(ConcurrentQueue<byte[]> queue, int count)
    {
        WorkerStage.Wait(() => queue.Count >= count, $"{count} came");
        return [.. queue];
    }

    /// <summary>GELF messages as a receiver takes them: chunks put together, gzip undone.</summary>
    public static byte[][] GelfOf(IEnumerable<byte[]> datagrams)
    {
        var whole = new List<byte[]>();
        var parts = new Dictionary<ulong, byte[]?[]>();
        foreach (byte[] datagram in datagrams)
        {
            if (datagram is not [0x1e, 0x0f, ..])
            {
                whole.Add(Unpack(datagram));
                continue;
            }
            ulong id = BitConverter.ToUInt64(datagram, 2);
            if (!parts.TryGetValue(id, out byte[]?[]? pieces)) parts[id] = pieces = new byte[datagram[11]][];
            pieces[datagram[10]] = datagram[12..];
            if (pieces.All(piece => piece is not null)) whole.Add(Unpack([.. pieces.SelectMany(piece => piece!)]));
        }
        return [.. whole];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _udp.Dispose();
        _tcp.Dispose();
    }

    private static byte[] Unpack(byte[] body)
    {
        if (body is not [0x1f, 0x8b, ..]) return body;
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private async Task TakeDatagramsAsync()
    {
        byte[] buffer = new byte[70_000];
        try
        {
            while (true)
                Datagrams.Enqueue(buffer[..await _udp.ReceiveAsync(buffer, _stop.Token)]);
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task TakeConnectionsAsync()
    {
        try
        {
            while (true)
            {
                using Socket connection = await _tcp.AcceptSocketAsync(_stop.Token);
                using var stream = new NetworkStream(connection);
                using var all = new MemoryStream();
                await stream.CopyToAsync(all, _stop.Token);
                Connections.Enqueue(all.ToArray());
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or IOException)
        {
            // The test is over.
        }
    }
}
