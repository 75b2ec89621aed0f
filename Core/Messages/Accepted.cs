using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>The answer to a Hello that was believed.</summary>
/// <remarks>
/// u128 session | flag resumed | name team | name identity | text jwt | u32 heartbeat in ms | i64 jwt expiry, unix ms |
/// text software | u32 letters that are new in the mailbox (may be left out: 0) | i64 the broker's clock, unix ms (may
/// be left out: 0)
/// </remarks>
sealed record Accepted(
    SessionId Session,
    bool Resumed,
    string Team,
    string Identity,
    string Jwt,
    uint HeartbeatMs,
    long JwtExpiresUnixMs,
    string Software,
    uint Unread = 0,
    long UnixMs = 0)
{
    public static Accepted Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(
            new(wire.UInt128()),
            wire.Flag(),
            wire.NameText(),
            wire.NameText(),
            wire.Text(4096),
            wire.UInt32(),
            wire.Int64(),
            wire.Text(256),
            wire.Left >= sizeof(uint) ? wire.UInt32() : 0,
            wire.Left >= sizeof(long) ? wire.Int64() : 0);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Accepted);
        wire.UInt128(Session.Value);
        wire.Flag(Resumed);
        wire.Name(Team);
        wire.Name(Identity);
        wire.Text(Jwt);
        wire.UInt32(HeartbeatMs);
        wire.Int64(JwtExpiresUnixMs);
        wire.Text(Software);
        wire.UInt32(Unread);
        wire.Int64(UnixMs);
    }

    /// <summary>Without the JWT, so that no log can have it.</summary>
    public override string ToString() => $"session of {Team}/{Identity}, heartbeat {HeartbeatMs} ms";
}
