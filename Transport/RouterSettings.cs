using Microsoft.Extensions.Logging;

namespace TriggerFs.Transport;

/// <summary>How a broker's port is opened.</summary>
/// <param name="Listen"><c>tcp://host:port</c>; the host may be <c>*</c> or <c>[::]</c>, the port 0 for any free
/// one.</param>
/// <param name="Keys">The broker's CURVE key pair; null means the NULL mechanism, which is for tests only.</param>
/// <param name="Logger">Where faults and refused connections are told; null for nowhere.</param>
sealed record RouterSettings(string Listen, KeyPair? Keys, ILogger? Logger = null)
{
    /// <summary>Connections at once; more wait in the kernel's queue until one ends.</summary>
    public int ConnectionsMax { get; init; } = 16_384;

    /// <summary>
    /// Connections of one remote address that have not finished the handshake; more are closed at once.
    /// </summary>
    public int HalfOpenPerAddressMax { get; init; } = 1024;

    /// <summary>Time for the handshake, from the accepted connection on.</summary>
    public TimeSpan HandshakeMax { get; init; } = Core.Limits.HandshakeMax;
}
