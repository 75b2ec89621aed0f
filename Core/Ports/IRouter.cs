namespace TriggerFs.Core.Ports;

/// <summary>How a connection ended, which decides whether what was sent on it can have arrived.</summary>
enum LinkEnd : byte
{
    /// <summary>The peer's kernel closed it: all that the peer had sent before was received.</summary>
    Closed,

    /// <summary>The connection broke or fell silent: what was under way either way is unknown.</summary>
    Broken,

    /// <summary>We closed it: the peer broke a rule or we are shutting down.</summary>
    Dismissed,
}

/// <summary>
/// The broker's side of the network: many peers, one thread. Every member but <see cref="Post"/> is called on the
/// loop's thread, where <see cref="IRouterEvents"/> are raised, too.
/// </summary>
interface IRouter : IDisposable
{
    /// <summary>The address that peers connect to, with the real port when 0 was asked for.</summary>
    string Address { get; }

    /// <summary>
    /// Runs the loop on the calling thread until <see cref="Stop"/>; what was sent is flushed for a second.
    /// </summary>
    void Run(IRouterEvents events);

    /// <summary>Ends <see cref="Run"/>. From any thread.</summary>
    void Stop();

    /// <summary>
    /// Sends one message made of a head and a body, both copied. An unknown peer is ignored: it has left. To a peer
    /// that has much under way it may be sent a microsecond later for each of those, 500 at most, while others are
    /// heard.
    /// </summary>
    void Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, int underWay = 0);

    /// <summary>
    /// Closes a peer once what was sent to it is flushed (at the latest after a second). Left follows.
    /// </summary>
    void Dismiss(PeerId peer, string why);

    /// <summary>
    /// The largest message that the peer may send from now on, in bytes. A stranger starts small. Who answers what
    /// others wait for is heard before those who ask.
    /// </summary>
    void Admit(PeerId peer, int messageMax, bool answers = false);

    /// <summary>Stops or resumes reading from a peer (back-pressure).</summary>
    void SetReading(PeerId peer, bool reading);

    /// <summary>Bytes that wait to be taken by the peer's kernel; 0 for an unknown one.</summary>
    long Unsent(PeerId peer);

    /// <summary>Runs an action on the loop's thread, soon. From any thread.</summary>
    void Post(Action action);

    /// <summary>
    /// Something will be posted within this time: the thread looks for it, and does not sleep. The last call counts.
    /// </summary>
    void LookOut(TimeSpan max);
}

/// <summary>What the network tells the broker, always on the loop's thread.</summary>
interface IRouterEvents
{
    /// <summary>A peer finished the handshake (it proved nothing yet).</summary>
    void Joined(PeerId peer, string address);

    /// <summary>A whole message came. The bytes are valid during the call only.</summary>
    void Received(PeerId peer, ReadOnlySpan<byte> message);

    /// <summary>More came of a message that is not whole yet: the peer is alive, on a slow line.</summary>
    void Arriving(PeerId peer);

    /// <summary>A peer that had joined is gone.</summary>
    void Left(PeerId peer, LinkEnd end, string why);

    /// <summary>
    /// A peer's unsent bytes fell below half of <see cref="Limits.PeerQueueHigh"/> after they were above it.
    /// </summary>
    void Drained(PeerId peer);

    /// <summary>Time passed: called about every 50 ms, and not less often under load.</summary>
    void Ticked();
}
