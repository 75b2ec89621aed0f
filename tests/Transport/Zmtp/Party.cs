using TriggerFs.Transport;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Tests.Transport.Zmtp;

/// <summary>One side of a ZMTP connection without a socket: what it said, what it heard.</summary>
sealed class Party : IZmtpEvents
{
    private static readonly KeyPair BrokerKeys = KeyPair.Generate();
    private readonly List<byte> _pending = [];

    private Party(IMechanism mechanism)
    {
        Output = new(new ChunkPool());
        Connection = new(mechanism, Output, this) { MessageMax = 1024 * 1024 };
        Connection.Start();
    }

    public OutputQueue Output { get; }

    public ZmtpConnection Connection { get; }

    public List<byte[]> Heard { get; } = [];

    public int TimesReady { get; private set; }

    public Action? OnMessage { get; set; }

    public static KeyPair Keys => BrokerKeys;

    public static Party Server(string mechanism, CookieKeys? cookies = null) => new(mechanism == "NULL"
        ? new NullMechanism(isServer: true)
        : new CurveServer(BrokerKeys, cookies ?? new CookieKeys(() => 0)));

    public static Party Client(string mechanism, byte[]? serverKey = null) => new(mechanism == "NULL"
        ? new NullMechanism(isServer: false)
        : new CurveClient(serverKey ?? BrokerKeys.Public.ToArray()));

    public static (Party Server, Party Client) Connected(string mechanism)
    {
        Party server = Server(mechanism), client = Client(mechanism);
        Talk(server, client);
        return (server, client);
    }

    /// <summary>Carries bytes to and fro until nobody says anything more.</summary>
    public static void Talk(Party one, Party other)
    {
        while (one.Output.Length + other.Output.Length > 0)
        {
            other.Feed(one.Said());
            one.Feed(other.Said());
        }
    }

    /// <summary>Takes what it has said since the last call.</summary>
    public byte[] Said()
    {
        byte[] bytes = Output.ToArray();
        Output.Clear();
        return bytes;
    }

    /// <summary>
    /// Gives bytes as they come from a socket: the part that was not taken stays in front of the next.
    /// </summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        _pending.AddRange(bytes);
        byte[] now = [.. _pending];
        int taken = Connection.Take(now);
        _pending.RemoveRange(0, taken);
        if (_pending.Count > 0 && !Connection.Halted) Assert.True(Connection.Wanted > _pending.Count);
    }

    public void Send(byte[] message) =>
        Connection.Send(message.AsSpan(0, message.Length / 2), message.AsSpan(message.Length / 2));

    public void Ready() => TimesReady++;

    public void Message(ReadOnlySpan<byte> message)
    {
        Heard.Add(message.ToArray());
        OnMessage?.Invoke();
    }
}
