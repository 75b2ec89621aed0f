using System.Net;
using System.Net.Sockets;

namespace TriggerFs.Tests.Transport;

/// <summary>Stands between a peer and a port, passes all bytes on, and keeps what each side said.</summary>
sealed class Wiretap : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly MemoryStream _fromPeer = new();
    private readonly MemoryStream _toPeer = new();
    private readonly Task _running;

    /// <param name="port">Where one peer that comes is connected to.</param>
    public Wiretap(int port)
    {
        _port = port;
        _listener.Start();
        _running = RunAsync();
    }

    public string Address => $"tcp://{_listener.LocalEndpoint}";

    /// <summary>How often the peer said something.</summary>
    public int FromPeer(ReadOnlySpan<byte> words) => Count(_fromPeer, words);

    /// <summary>How often it was told something.</summary>
    public int ToPeer(ReadOnlySpan<byte> words) => Count(_toPeer, words);

    public void Dispose()
    {
        _listener.Stop();
        Assert.True(_running.Wait(TimeSpan.FromSeconds(20)));
    }

    private static int Count(MemoryStream said, ReadOnlySpan<byte> words)
    {
        lock (said) return said.GetBuffer().AsSpan(0, (int)said.Length).Count(words);
    }

    private static async Task PassAsync(Socket from, Socket to, MemoryStream said)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and int length)
            {
                lock (said) said.Write(buffer, 0, length);
                await to.SendAsync(buffer.AsMemory(0, length));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // One side went away; so does the other, below.
        }
        from.Close();
        to.Close();
    }

    private async Task RunAsync()
    {
        try
        {
            using Socket peer = await _listener.AcceptSocketAsync();
            using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await far.ConnectAsync(IPAddress.Loopback, _port);
            await Task.WhenAll(PassAsync(peer, far, _fromPeer), PassAsync(far, peer, _toPeer));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Nobody came before the test was over.
        }
    }
}
