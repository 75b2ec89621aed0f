using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>What a peer is to the broker.</summary>
enum PeerRole : byte
{
    Client = 1,
    Worker = 2,
    Mount = 3,
    Console = 4,
}

/// <summary>How a peer proves its identity.</summary>
enum ProofKind : byte
{
    /// <summary>A user's secret.</summary>
    Secret = 1,

    /// <summary>A worker's token.</summary>
    Token = 2,

    /// <summary>A JWT of an earlier session of the same identity, which is then taken up again.</summary>
    Jwt = 3,
}

/// <summary>
/// The first message on a connection: who the peer is and the proof. Nothing else is heard before it.
/// </summary>
/// <remarks>
/// u8 role | name team | name identity | u8 proof kind | text proof | text software | u64 link (may be left out: 0)
/// </remarks>
/// <param name="Link">
/// Random, and the same in every Hello of one link; 0 when the peer has none. With it the broker tells a link that
/// comes back (which takes its session up again) from a second process that uses the same JWT (which gets its own
/// session).
/// </param>
sealed record Hello(
    PeerRole Role, string Team, string Identity, ProofKind Kind, string Proof, string Software, ulong Link = 0)
{
    public static Hello Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(
            wire.OneOf(last: PeerRole.Console, first: PeerRole.Client),
            wire.NameText(),
            wire.NameText(),
            wire.OneOf(last: ProofKind.Jwt, first: ProofKind.Secret),
            wire.Text(4096),
            wire.Text(256),
            wire.Left >= sizeof(ulong) ? wire.UInt64() : 0);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Hello);
        wire.UInt8((byte)Role);
        wire.Name(Team);
        wire.Name(Identity);
        wire.UInt8((byte)Kind);
        wire.Text(Proof);
        wire.Text(Software);
        wire.UInt64(Link);
    }

    /// <summary>Without the proof, so that no log can have it.</summary>
    public override string ToString() => $"{Role} {Team}/{Identity} ({Kind}, {Software})";
}
