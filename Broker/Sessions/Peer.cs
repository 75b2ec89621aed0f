using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Sessions;

/// <summary>How far a connection has come.</summary>
enum PeerStage : byte
{
    /// <summary>It has not said Hello.</summary>
    Stranger,

    /// <summary>Its Hello is being checked.</summary>
    Checking,

    /// <summary>It has a session.</summary>
    Accepted,

    /// <summary>It said Goodbye, or we dismissed it: nothing that it says counts.</summary>
    Leaving,
}

/// <summary>One connection. A session belongs to one connection; a connection has one session at the most.</summary>
sealed class Peer(PeerId id, string address, long nowMs)
{
    public PeerId Id => id;

    public string Address => address;

    /// <summary>The address without its port, which is another one for each connection.</summary>
    public string Host { get; } = address.LastIndexOf(':') is > 0 and int at ? address[..at] : address;

    public PeerStage Stage { get; set; }

    public PeerRole Role { get; set; }

    /// <summary>The Hello that is being checked; the ticket that its answer must carry.</summary>
    public Hello? Hello { get; set; }

    public long Ticket { get; set; }

    /// <summary>The session of a user; null for a worker.</summary>
    public UserSession? User { get; set; }

    /// <summary>The place of a worker; null for a user.</summary>
    public WorkerDesk? Worker { get; set; }

    /// <summary>When it was heard of last, in ms.</summary>
    public long HeardMs { get; set; } = nowMs;

    /// <summary>When something was sent to it last, in ms.</summary>
    public long SentMs { get; set; } = nowMs;

    /// <summary>Without anything sent for so long, a heartbeat is due; a little different each time.</summary>
    public long BeatAfterMs { get; set; }

    /// <summary>When it must have come to its next stage: Hello said, or gone after Goodbye.</summary>
    public long PatienceEndMs { get; set; } = nowMs + (long)Limits.HandshakeMax.TotalMilliseconds;
}
