using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Tcp;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Transport;

/// <summary>
/// The broker's port: a ZeroMQ ROUTER on one event loop. It listens from its construction on and accepts while
/// <see cref="Run"/> runs. A message to or from a peer is one frame.
/// </summary>
sealed class BrokerRouter : IRouter
{
    /// <summary>
    /// How long a turn of those who flood is: some 40 µs of small messages, which others wait for at most.
    /// </summary>
    private const int Quantum = 32;

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50);

    private readonly RouterSettings _settings;
    private readonly ILogger _logger;
    private readonly ChannelSet _channels;
    private readonly Listener _listener;
    private readonly CookieKeys _cookies = new(static () => Environment.TickCount64);
    private readonly PeerTable _peers = new();
    private readonly Dictionary<IPAddress, int> _halfOpen = [];
    private readonly Seldom _refusals = new();
    private readonly Seldom _floods = new();
    private IRouterEvents? _events;
    private bool _stopping;
    private bool _disposed;

    /// <exception cref="TriggerException">The address is wrong or in use.</exception>
    public BrokerRouter(RouterSettings settings)
    {
        _settings = settings;
        _logger = settings.Logger ?? NullLogger.Instance;
        Loop = new(Fault);
        _channels = new(Loop, Fault, Quantum);
        try
        {
            _listener = new(Loop, Endpoint.Parse(settings.Listen), _logger);
        }
        catch
        {
            Loop.Dispose();
            throw;
        }
    }

    /// <summary>The loop that everything of this port runs on.</summary>
    public EventLoop Loop { get; }

    public string Address => _listener.Endpoint.ToString();

    public void Run(IRouterEvents events)
    {
        _events = events;
        using LoopTimer ticks = Loop.Every(TickEvery, events.Ticked);
        _listener.Start(HasRoom, Accept);
        Loop.Run();
        _channels.Close();
    }

    public void Stop() => Loop.Post(BeginStop);

    public void Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, int underWay = 0) =>
        _peers.Find(peer)?.Channel.Send(head, body, underWay, Limits.PeerQueueMax);

    public void Dismiss(PeerId peer, string why) => _peers.Find(peer)?.Channel.Dismiss(why);

    public void Admit(PeerId peer, int messageMax, bool answers = false)
    {
        if (_peers.Find(peer) is not { } found) return;
        found.Channel.MessageMax = messageMax;
        found.Channel.Answers = answers;
    }

    public void SetReading(PeerId peer, bool reading) => _peers.Find(peer)?.Channel.SetReading(reading);

    public long Unsent(PeerId peer) => _peers.Find(peer)?.Channel.Unsent ?? 0;

    public void Post(Action action) => Loop.Post(action);

    public void LookOut(TimeSpan max) => Loop.LookOut(max);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _listener.Dispose();
        _channels.Close();
        _cookies.Dispose();
        Loop.Dispose();
    }

    internal void PeerReady(RouterPeer peer)
    {
        HalfOpen(peer.Ip, -1);
        if (!_stopping) _events!.Joined(peer.Id, peer.Address);
    }

    internal void PeerReceived(RouterPeer peer, ReadOnlySpan<byte> message)
    {
        if (!_stopping) _events!.Received(peer.Id, message);
    }

    internal void PeerArriving(RouterPeer peer)
    {
        if (!_stopping) _events!.Arriving(peer.Id);
    }

    internal void PeerDrained(RouterPeer peer)
    {
        if (!_stopping) _events!.Drained(peer.Id);
    }

    internal void PeerEnded(RouterPeer peer, LinkEnd end, string why)
    {
        _peers.Remove(peer.Id);
        if (!peer.HasJoined)
        {
            HalfOpen(peer.Ip, -1);
            if (end == LinkEnd.Dismissed && !_stopping && _refusals.May(peer.Ip, Environment.TickCount64))
                Log.HandshakeRefused(_logger, peer.Address, why);
            else
                Log.HandshakeFailed(_logger, peer.Address, why);
        }
        else if (!_stopping) _events!.Left(peer.Id, end, why);
    }

    private bool HasRoom()
    {
        if (_channels.Count < Math.Min(_settings.ConnectionsMax, PeerTable.CountMax)) return true;
        Log.ConnectionsFull(_logger, _channels.Count);
        return false;
    }

    private void Accept(int fd, IPAddress address, int port)
    {
        if (_halfOpen.GetValueOrDefault(address) >= _settings.HalfOpenPerAddressMax)
        {
            if (_floods.May(address, Environment.TickCount64)) Log.HandshakeFlood(_logger, address.ToString());
            Native.Close(fd);
            return;
        }
        var peer = new RouterPeer(this, _peers.Next(), address, port);
        try
        {
            peer.Channel = new Channel(_channels, fd, NewMechanism(), peer, _settings.HandshakeMax);
        }
        catch
        {
            _peers.Remove(peer.Id);
            Native.Close(fd);
            throw;
        }
        _peers.Put(peer);
        HalfOpen(address, +1);
    }

    private IMechanism NewMechanism() =>
        _settings.Keys is { } keys ? new CurveServer(keys, _cookies) : new NullMechanism(isServer: true);

    private void HalfOpen(IPAddress address, int change)
    {
        int count = _halfOpen.GetValueOrDefault(address) + change;
        if (count > 0) _halfOpen[address] = count;
        else _halfOpen.Remove(address);
    }

    /// <summary>
    /// Lets every peer take what was sent to it, and ends the loop when they have, or after a second.
    /// </summary>
    private void BeginStop()
    {
        if (_stopping) return;
        _stopping = true;
        _listener.Dispose();
        foreach (RouterPeer peer in _peers.All.ToArray())
        {
            if (peer.HasJoined) peer.Channel.Dismiss("the broker stops");
            else peer.Channel.Dispose();
        }
        Loop.After(Channel.FlushMax, Loop.Stop);
        Loop.Every(TimeSpan.FromMilliseconds(5), () =>
        {
            if (_channels.Count == 0) Loop.Stop();
        });
        if (_channels.Count == 0) Loop.Stop();
    }

    private void Fault(Exception fault) => Log.HandlerFailed(_logger, fault);
}
