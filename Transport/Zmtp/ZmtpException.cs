namespace TriggerFs.Transport.Zmtp;

/// <summary>The peer broke ZMTP or CURVE; the connection ends. Never reaches a person as it is.</summary>
/// <param name="reason">What the peer did, for the log.</param>
/// <param name="tellPeer">Whether the peer is told with an ERROR command; in the handshake alone.</param>
sealed class ZmtpException(string reason, bool tellPeer = false) : Exception(reason)
{
    public bool TellPeer { get; } = tellPeer;
}
