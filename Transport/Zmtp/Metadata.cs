using System.Buffers.Binary;
using System.Text;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// What a socket says about itself in READY and INITIATE (rfc.zeromq.org/spec/37, "Connection Metadata").
/// </summary>
/// <remarks>
/// metadata = *property; property = name value; name = short-size 1*255name-char; value = 4OCTET *OCTET (size in
/// network byte order). "Metadata names SHALL be case-insensitive."
/// </remarks>
static class Metadata
{
    /// <summary>Bytes that <see cref="Write"/> takes at most.</summary>
    public const int SizeMax = 64;

    private const int IdentityMax = 255;

    /// <summary>Writes Socket-Type and an empty Identity; answers how many bytes they took.</summary>
    public static int Write(Span<byte> to, bool isRouter)
    {
        int length = Put(to, "Socket-Type"u8, isRouter ? "ROUTER"u8 : "DEALER"u8);
        return length + Put(to[length..], "Identity"u8, []);
    }

    /// <summary>Refuses metadata that breaks the grammar, or a socket that this side does not talk with.</summary>
    public static void Check(ReadOnlySpan<byte> metadata, bool isRouter)
    {
        while (!metadata.IsEmpty)
        {
            ReadOnlySpan<byte> name = Take(ref metadata, metadata[0], headSize: 1);
            if (name.IsEmpty) throw new ZmtpException("a metadata property has no name", tellPeer: true);
            if (metadata.Length < 4) throw CutShort();
            uint length = BinaryPrimitives.ReadUInt32BigEndian(metadata);
            ReadOnlySpan<byte> value = Take(ref metadata, length, headSize: 4);
            if (Ascii.EqualsIgnoreCase(name, "Socket-Type"u8)) CheckSocketType(value, isRouter);
            // The identity names the peer to a ROUTER; ours names its peers itself and needs only the rule.
            if (Ascii.EqualsIgnoreCase(name, "Identity"u8) && value.Length > IdentityMax)
                throw new ZmtpException($"an identity of {value.Length} bytes is over {IdentityMax}", tellPeer: true);
        }
    }

    private static void CheckSocketType(ReadOnlySpan<byte> type, bool isRouter)
    {
        if (type.SequenceEqual("DEALER"u8) || type.SequenceEqual("ROUTER"u8)) return;
        // ROUTER also takes REQ by the table of the specification, but a REQ socket puts an empty frame before each
        // message, and a message is one frame here.
        throw new ZmtpException(
            $"a {Text.Shown(type)} socket cannot talk to this {(isRouter ? "ROUTER; use a DEALER" : "DEALER")}",
            tellPeer: true);
    }

    private static int Put(Span<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Span<byte> rest = Command.PutName(to, name);
        BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)value.Length);
        value.CopyTo(rest[4..]);
        return 1 + name.Length + 4 + value.Length;
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> from, uint length, int headSize)
    {
        if (from.Length - headSize < length) throw CutShort();
        ReadOnlySpan<byte> taken = from.Slice(headSize, (int)length);
        from = from[(headSize + (int)length)..];
        return taken;
    }

    private static ZmtpException CutShort() => new("its metadata is cut short", tellPeer: true);
}
