using System.Buffers.Binary;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// The flags octet of a frame, and the flags inside of a CURVE MESSAGE, which uses its own bit for commands.
/// </summary>
[Flags]
enum FrameFlags : byte
{
    None = 0,
    More = 1,
    Long = 2,
    Command = 4,
}

/// <summary>The header of a frame (rfc.zeromq.org/spec/37, "Framing").</summary>
/// <remarks>
/// flags (1 octet: bit 0 MORE, bit 1 LONG, bit 2 COMMAND, bits 7-3 "MUST be zero") | size (one octet, or with LONG
/// eight in network order) | body of size octets
/// </remarks>
readonly ref struct FrameHeader
{
    public const int SizeMin = 2;
    public const int SizeMax = 9;
    private const int ShortBodyMax = 255;

    public readonly FrameFlags Flags;

    /// <summary>Bytes before the body; of a header that is cut short, how many are needed.</summary>
    public readonly int Size;
    public readonly ulong BodyLength;

    private FrameHeader(FrameFlags flags, int size, ulong bodyLength)
    {
        Flags = flags;
        Size = size;
        BodyLength = bodyLength;
    }

    /// <summary>False when the header is not whole yet; throws as soon as its flags are wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = new(FrameFlags.None, SizeMin, 0);
        if (bytes.IsEmpty) return false;
        var flags = (FrameFlags)bytes[0];
        if (((byte)flags & 0xF8) != 0) throw new ZmtpException($"a frame has reserved flags set (0x{bytes[0]:x2})");
        if ((flags & (FrameFlags.Command | FrameFlags.More)) == (FrameFlags.Command | FrameFlags.More))
            throw new ZmtpException("a command frame has MORE set");
        int size = (flags & FrameFlags.Long) == 0 ? SizeMin : SizeMax;
        header = new(flags, size, 0);
        if (bytes.Length < size) return false;
        ulong length = size == SizeMin ? bytes[1] : BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]);
        header = new(flags, size, length);
        return true;
    }

    /// <summary>Appends a header and answers the frame's body, to be filled at once by the caller.</summary>
    public static Span<byte> Append(OutputQueue output, FrameFlags flags, int bodyLength)
    {
        if (bodyLength <= ShortBodyMax)
        {
            Span<byte> small = output.Append(SizeMin + bodyLength);
            small[0] = (byte)flags;
            small[1] = (byte)bodyLength;
            return small[SizeMin..];
        }
        Span<byte> large = output.Append(SizeMax + bodyLength);
        large[0] = (byte)(flags | FrameFlags.Long);
        BinaryPrimitives.WriteUInt64BigEndian(large[1..], (ulong)bodyLength);
        return large[SizeMax..];
    }
}
