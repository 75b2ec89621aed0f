using TriggerFs.Core;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>
/// One connection: messages arrive in order, each some time after it was sent, and not at all once the line is cut.
/// </summary>
sealed class SimLink(SimPeer peer, PeerId id, int brokerLife)
{
    public SimPeer Peer => peer;

    public PeerId Id => id;

    /// <summary>Which of the brokers, one after another, it leads to.</summary>
    public int BrokerLife => brokerLife;

    /// <summary>The peer's side is open.</summary>
    public bool IsOpenAtPeer { get; set; } = true;

    /// <summary>The broker's side is open.</summary>
    public bool IsOpenAtBroker { get; set; } = true;

    /// <summary>Nothing arrives any more, and neither side has been told.</summary>
    public bool IsCut { get; set; }

    public long NextAtBrokerMs { get; set; }

    public long NextAtPeerMs { get; set; }
}
