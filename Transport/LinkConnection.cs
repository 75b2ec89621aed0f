using System.Security.Cryptography;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Tcp;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Transport;

/// <summary>
/// One connection of a link: handshake, Hello and its answer, then messages and heartbeats until it ends. Loop's thread
/// only. After its end, which is told once, it says nothing more.
/// </summary>
sealed class LinkConnection : IChannelOwner, IDisposable
{
    private const double Jitter = 0.2;

    /// <summary>How much is taken to be under way when we are still hearing: see <see cref="Pace"/>.</summary>
    private const int UnderWay = 50;

    /// <summary>
    /// Between two heartbeats until the broker accepted us: each tells it that a Hello is whole whose end it waits for
    /// because its length was changed on the way.
    /// </summary>
    private const long StrangerHeartbeatMs = 1000;

    /// <summary>
    /// What we say before we are accepted is a few hundred bytes: if the other side's kernel has not got them by then,
    /// the line is dead. Later there are heartbeats, and a peer that is slow to read may be so.
    /// </summary>
    private static readonly TimeSpan UnheardMax = TimeSpan.FromSeconds(4);

    /// <summary>Milliseconds between two looks whether our own address is still there: four system calls.</summary>
    private const long AddressLookMs = 1000;

    private readonly BrokerLink _link;
    private readonly LinkSettings _settings;
    private readonly WireWriter _wire = new();
    private readonly Channel _channel;
    private readonly int _fd;
    private LoopTimer? _deadline;
    private bool _isOver;
    private long _heartbeatMs;
    private bool _sent;
    private bool _heard;
    private long _sendDueMs;
    private long _silentAtMs;
    private long _addressDueMs;

    /// <exception cref="CryptographicException">The pinned key is no key.</exception>
    public LinkConnection(BrokerLink link, LinkSettings settings, ChannelSet channels, int fd)
    {
        _link = link;
        _settings = settings;
        _fd = fd;
        TcpSocket.SetUnheardMax(fd, UnheardMax);
        IMechanism mechanism =
            settings.BrokerKey is { } key ? new CurveClient(key) : new NullMechanism(isServer: false);
        _channel = new(channels, fd, mechanism, this, settings.HandshakeMax) { MessageMax = Limits.LargeMessageMax };
    }

    /// <summary>Whether the broker accepted us.</summary>
    public bool IsUp { get; private set; }

    public long Unsent => _channel.Unsent;

    public void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        _sent = true;
        _channel.Send(head, body, UnderWay);
    }

    /// <summary>Says Goodbye when there is somebody to say it to; the channel then closes by itself.</summary>
    public void Leave(string reason)
    {
        if (!IsUp)
        {
            Dispose();
            return;
        }
        Forget();
        new Goodbye(reason).Write(_wire);
        _channel.Send(_wire.Written, default, 0);
        _channel.Dismiss("leaving");
    }

    /// <summary>Sends a heartbeat when nothing else was sent, and ends the connection when nothing was heard.</summary>
    public void Tick(long nowMs)
    {
        if (_isOver || _heartbeatMs == 0) return;
        if (_heard || !IsUp) _silentAtMs = nowMs + (_heartbeatMs * Limits.HeartbeatsMissedMax);
        _heard = false;
        if (nowMs > _silentAtMs)
        {
            End($"the broker has been silent for {_heartbeatMs * Limits.HeartbeatsMissedMax} ms");
            return;
        }
        if (nowMs >= _addressDueMs)
        {
            _addressDueMs = nowMs + AddressLookMs;
            if (!TcpSocket.HasLocalAddress(_fd))
            {
                End("this host's address has changed");
                return;
            }
        }
        if (!_sent && nowMs >= _sendDueMs)
        {
            Heartbeat.Write(_wire);
            Send(_wire.Written, default);
        }
        if (_sent) _sendDueMs = nowMs + (long)(_heartbeatMs * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble())));
        _sent = false;
    }

    public void Ready()
    {
        if (_isOver) return;
        _link.ConnectionReady(this);
        _deadline = _link.Loop.After(_settings.HandshakeMax, () => End("the broker did not answer Hello"));
        Hello hello;
        try
        {
            hello = _settings.Hello();
        }
        catch (Exception problem)
        {
            End($"no Hello could be made: {problem.Message}");
            return;
        }
        if (hello.Link == 0) hello = hello with { Link = _link.Number };
        hello.Write(_wire);
        Send(_wire.Written, default);
        _heartbeatMs = StrangerHeartbeatMs;
    }

    public void Received(ReadOnlySpan<byte> message)
    {
        if (_isOver) return;
        _heard = true;
        try
        {
            Hear(message);
        }
        catch (WireException problem)
        {
            if (IsUp) _link.Skipped(problem.Message);
            else End(problem.Message);
        }
    }

    public void Arriving() => _heard = true;

    public void Drained()
    {
    }

    public void Ended(LinkEnd end, string why)
    {
        if (_isOver) return;
        // Whoever has not the secret of the pinned key cannot open our HELLO: a broker with another key says so or just
        // closes, an impostor cannot answer.
        bool keyInDoubt = !_channel.IsReady && _channel.IsGreeted && _settings.BrokerKey is not null;
        End(keyInDoubt ? $"the broker did not prove the pinned key (wrong brokerkey?): {why}" : why);
    }

    public void Dispose()
    {
        Forget();
        _channel.Dispose();
    }

    private void Hear(ReadOnlySpan<byte> message)
    {
        MessageKind kind = MessageCodec.KindOf(message);
        if (kind == MessageKind.Heartbeat) _link.Heard();
        else if (kind == MessageKind.Goodbye) End(NameRule.Shown(Goodbye.Read(message).Reason));
        else if (kind == MessageKind.Refused && new WireReader(message).UInt64() == 0)
            HearRefused(Refused.Read(message));
        else if (IsUp) _link.Deliver(kind, message);
        else if (kind == MessageKind.Accepted) HearAccepted(Accepted.Read(message));
        else End($"the broker answered Hello with {kind}");
    }

    private void HearAccepted(Accepted welcome)
    {
        _deadline?.Dispose();
        TcpSocket.SetUnheardMax(_fd, TimeSpan.Zero);
        IsUp = true;
        _heartbeatMs = welcome.HeartbeatMs == 0 ? (long)Limits.HeartbeatDefault.TotalMilliseconds : welcome.HeartbeatMs;
        _sent = true; // The interval begins anew.
        _link.ConnectionUp(welcome);
    }

    private void HearRefused(Refused refusal)
    {
        Forget();
        _channel.Dismiss("refused");
        _link.ConnectionRefused(refusal);
    }

    private void End(string why)
    {
        if (_isOver) return;
        Dispose();
        _link.ConnectionDown(this, why);
    }

    private void Forget()
    {
        _isOver = true;
        IsUp = false;
        _deadline?.Dispose();
    }
}
