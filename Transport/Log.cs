using Microsoft.Extensions.Logging;

namespace TriggerFs.Transport;

/// <summary>
/// What the network layer logs. Connections that come and go are told by the broker, which knows who they are.
/// </summary>
static partial class Log
{
    [LoggerMessage(1001, LogLevel.Error, "A handler of the network failed; the connection goes on")]
    public static partial void HandlerFailed(ILogger logger, Exception fault);

    [LoggerMessage(1002, LogLevel.Warning,
        "No descriptor is free for new connections ({Reason}); they wait. Raise LimitNOFILE, or ulimit -n")]
    public static partial void AcceptPaused(ILogger logger, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "{Connections} connections are the limit; more wait")]
    public static partial void ConnectionsFull(ILogger logger, int connections);

    [LoggerMessage(1004, LogLevel.Debug, "A connection from {Address} ended before its handshake did: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, string address, string reason);

    [LoggerMessage(1005, LogLevel.Warning,
        "Too many unfinished handshakes from {Address}; new ones are closed at once (said once a minute)")]
    public static partial void HandshakeFlood(ILogger logger, string address);

    [LoggerMessage(1006, LogLevel.Warning, "A message of the broker was skipped: {Reason}")]
    public static partial void MessageSkipped(ILogger logger, string reason);

    [LoggerMessage(1007, LogLevel.Warning,
        "{Address} is refused in the handshake: {Reason} (said of an address once a minute)")]
    public static partial void HandshakeRefused(ILogger logger, string address, string reason);
}
