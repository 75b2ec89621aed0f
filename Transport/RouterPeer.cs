using System.Net;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Transport.Tcp;

namespace TriggerFs.Transport;

/// <summary>One connection of the router, from accept to its end, and the name that the broker knows it by.</summary>
sealed class RouterPeer(BrokerRouter router, PeerId id, IPAddress address, int port) : IChannelOwner
{
    public PeerId Id => id;

    public IPAddress Ip => address;

    /// <summary>Whether the broker was told of it.</summary>
    public bool HasJoined { get; private set; }

    public Channel Channel { get; set; } = null!;

    public string Address => new IPEndPoint(address, port).ToString();

    public void Ready()
    {
        HasJoined = true;
        router.PeerReady(this);
    }

    public void Received(ReadOnlySpan<byte> message) => router.PeerReceived(this, message);

    public void Arriving() => router.PeerArriving(this);

    public void Drained() => router.PeerDrained(this);

    public void Ended(LinkEnd end, string why) => router.PeerEnded(this, end, why);
}
