using Microsoft.Extensions.Logging;
using TriggerFs.Core.Messages;

namespace TriggerFs.Transport;

/// <summary>How a peer reaches its broker.</summary>
/// <param name="Broker"><c>tcp://host:port</c>; a name is resolved at every attempt and all its addresses are
/// tried.</param>
/// <param name="BrokerKey">The broker's public key, 32 bytes; null means the NULL mechanism, which is for tests
/// only.</param>
/// <param name="Hello">Called at each attempt, on the link's thread, so that the newest JWT goes in.</param>
/// <param name="Logger">Where faults are told; null for nowhere.</param>
sealed record LinkSettings(string Broker, byte[]? BrokerKey, Func<Hello> Hello, ILogger? Logger = null)
{
    /// <summary>
    /// Time for one attempt: the connection and the handshake, and then again for the answer to Hello.
    /// </summary>
    public TimeSpan HandshakeMax { get; init; } = Core.Limits.HandshakeMax;

    /// <summary>The first pause between attempts; it doubles up to <see cref="BackOffMax"/>.</summary>
    public TimeSpan BackOffMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between attempts: promptly back, and no storm after a broker's restart.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an attempt may be without an answer before another one begins beside it.</summary>
    public TimeSpan RivalAfter { get; init; } = TimeSpan.FromSeconds(2);
}
