using System.Net;
using System.Net.Sockets;

namespace TriggerFs.Tests.Transport;

/// <summary>
/// Stands before a port: takes the first connections and says nothing to them, and lets the others through.
/// </summary>
sealed class DeafFront : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private int _deaf;
    private int _deafEnds;

    public DeafFront(int port, int deaf)
    {
        _port = port;
        _deaf = deaf;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"tcp://{_listener.LocalEndpoint}";

    /// <summary>Connections that were not answered and are closed by who made them.</summary>
    public int DeafEnds => Volatile.Read(ref _deafEnds);

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket peer = await _listener.AcceptSocketAsync();
                _ = _deaf-- > 0 ? IgnoreAsync(peer) : PassAsync(peer);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task IgnoreAsync(Socket peer)
    {
        await using var stream = new NetworkStream(peer, ownsSocket: true);
        try
        {
            await stream.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // An end like any other.
        }
        Interlocked.Increment(ref _deafEnds);
    }

    private async Task PassAsync(Socket peer)
    {
        await using var near = new NetworkStream(peer, ownsSocket: true);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        NetworkStream far = client.GetStream();
        try
        {
            await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
        }
        catch (IOException)
        {
            // One side went away, and so does the other.
        }
    }
}
