using System.Net;
using System.Net.Sockets;
using TriggerFs.Transport;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Tests.Transport;

/// <summary>
/// A peer on a blocking socket of its own, which does only what a test tells it: well or badly behaved.
/// </summary>
sealed class RawPeer : IZmtpEvents, IDisposable
{
    private readonly OutputQueue _output = new(new ChunkPool());
    private readonly ZmtpConnection _connection;
    private byte[] _pending = [];

    public RawPeer(int port, KeyPair? brokerKeys = null)
        : this(port, brokerKeys is null ? new NullMechanism(isServer: false) : Curve(brokerKeys.Public))
    {
    }

    public RawPeer(int port, ReadOnlySpan<byte> brokerKey) : this(port, Curve(brokerKey))
    {
    }

    private RawPeer(int port, IMechanism mechanism)
    {
        Socket.ReceiveTimeout = 20_000;
        Socket.Connect(IPAddress.Loopback, port);
        _connection = new(mechanism, _output, this) { MessageMax = 64 * 1024 * 1024 };
    }

    public Socket Socket { get; } = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public List<byte[]> Messages { get; } = [];

    public bool IsReady { get; private set; }

    public RawPeer Shake()
    {
        _connection.Start();
        while (!IsReady) Assert.True(ReadSome());
        Flush();
        return this;
    }

    public void Queue(ReadOnlySpan<byte> message) => _connection.Send(message, default);

    public void Send(ReadOnlySpan<byte> message)
    {
        Queue(message);
        Flush();
    }

    public void Flush()
    {
        byte[] bytes = Said();
        for (int sent = 0; sent < bytes.Length;) sent += Socket.Send(bytes.AsSpan(sent));
    }

    /// <summary>Takes what it would have sent, for a test to send.</summary>
    public byte[] Said()
    {
        byte[] bytes = _output.ToArray();
        _output.Clear();
        return bytes;
    }

    /// <summary>Reads what is there; false at the end of the connection.</summary>
    public bool ReadSome()
    {
        Flush();
        byte[] buffer = new byte[64 * 1024];
        int got = Socket.Receive(buffer);
        byte[] now = [.. _pending, .. buffer[..got]];
        _pending = now[_connection.Take(now)..];
        return got > 0;
    }

    /// <summary>Closes with a reset, as a machine does that lost its memory.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Close();
    }

    public void Ready() => IsReady = true;

    public void Message(ReadOnlySpan<byte> message) => Messages.Add(message.ToArray());

    public void Dispose() => Socket.Dispose();

    private static CurveClient Curve(ReadOnlySpan<byte> brokerKey) => new(brokerKey.ToArray());
}
