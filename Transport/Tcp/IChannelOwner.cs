using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Transport.Tcp;

/// <summary>What a channel tells its owner, on the loop's thread.</summary>
interface IChannelOwner
{
    /// <summary>The handshake is complete.</summary>
    void Ready();

    /// <summary>A whole message came. The bytes are valid during the call only.</summary>
    void Received(ReadOnlySpan<byte> message);

    /// <summary>More came of a message that is not whole yet. At most twice a second.</summary>
    void Arriving();

    /// <summary>
    /// The unsent bytes fell below half of <see cref="Limits.PeerQueueHigh"/> after they were above it.
    /// </summary>
    void Drained();

    /// <summary>The channel is over; exactly once, unless it was disposed.</summary>
    void Ended(LinkEnd end, string why);
}
