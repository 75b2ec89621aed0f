using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// Stands between peers and a broker. As long as it is faulty it changes bytes, cuts connections in the middle of a
/// message, holds all back without a word, lets each piece wait for a while, or lets little pass at a time.
/// </summary>
sealed class FaultyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _port;
    private readonly Random _random;
    private readonly ConcurrentDictionary<Socket, byte> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isFaulty;
    private volatile bool _isSilent;
    private volatile bool _isSlow;

    public FaultyProxy(int port, int seed)
    {
        _port = port;
        _random = new(seed);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"tcp://{_listener.LocalEndpoint}";

    public int Corrupted { get; private set; }

    public int Cut { get; private set; }

    /// <summary>Bytes change, connections are cut.</summary>
    public bool IsFaulty
    {
        get => _isFaulty;
        set => _isFaulty = value;
    }

    /// <summary>Nothing passes, and nobody is told: a line that is dead on one side.</summary>
    public bool IsSilent
    {
        get => _isSilent;
        set => _isSilent = value;
    }

    /// <summary>Each piece comes late by 50 to 200 ms, one later than the other.</summary>
    public bool IsSlow
    {
        get => _isSlow;
        set => _isSlow = value;
    }

    /// <summary>What passes in a second, in each direction of each connection.</summary>
    public int BytesPerSecond { get; init; } = int.MaxValue;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        foreach (Socket socket in _sockets.Keys) socket.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket peer)
    {
        using var broker = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (peer)
        {
            _sockets[peer] = _sockets[broker] = 0;
            try
            {
                await broker.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
                await Task.WhenAny(PassAsync(peer, broker), PassAsync(broker, peer));
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One side went away, and so does the other.
            }
            _sockets.TryRemove(peer, out _);
            _sockets.TryRemove(broker, out _);
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var length)
            {
                while (_isSilent) await Task.Delay(20, _stop.Token);
                if (_isSlow) await Task.Delay(Random.Shared.Next(50, 200), _stop.Token);
                if (_isFaulty && !Spoil(buffer, ref length)) break;
                await SendAsync(to, buffer.AsMemory(0, length));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The same as an end.
        }
    }

    private async Task SendAsync(Socket to, Memory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            int slice = Math.Min(rest.Length, Math.Max(1, BytesPerSecond / 10));
            if (slice < rest.Length) await Task.Delay(100, _stop.Token);
            rest = rest[await to.SendAsync(rest[..slice], _stop.Token)..];
        }
    }

    /// <summary>One piece in forty is changed somewhere, one in 120 is cut in half and is the last one.</summary>
    private bool Spoil(byte[] buffer, ref int length)
    {
        lock (_random)
        {
            switch (_random.Next(120))
            {
                case 0:
                    Cut++;
                    length /= 2;
                    return length > 0;
                case <= 3:
                    Corrupted++;
                    buffer[_random.Next(length)] ^= (byte)(1 << _random.Next(8));
                    return true;
                default:
                    return true;
            }
        }
    }
}
