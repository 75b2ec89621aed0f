using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>One message as it stands in a segment.</summary>
/// <remarks>
/// Little-endian: u32 bytes behind the checksum | u32 CRC-32C of these | u64 sequence | u64 trigger |
/// i64 time of the write, unix ms | payload
/// </remarks>
readonly record struct SpoolRecord(ulong Sequence, ulong Trigger, long WrittenUnixMs, int PayloadLength)
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderSize = ChecksumSize + FieldsSize;

    private const int ChecksumSize = 8;
    private const int FieldsSize = 24;

    /// <summary>Bytes of the whole.</summary>
    public int Size => HeaderSize + PayloadLength;

    /// <summary>Writes header and payload into a buffer of <see cref="Size"/>.</summary>
    public void Write(Span<byte> into, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, (uint)(FieldsSize + payload.Length));
        BinaryPrimitives.WriteUInt64LittleEndian(into[8..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(into[16..], Trigger);
        BinaryPrimitives.WriteInt64LittleEndian(into[24..], WrittenUnixMs);
        payload.CopyTo(into[HeaderSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], Crc32C(into[ChecksumSize..(HeaderSize + payload.Length)]));
    }

    /// <summary>The size that a header claims; null when no record can begin so.</summary>
    public static int? SizeOf(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderSize) return null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        return length is >= FieldsSize and <= FieldsSize + Limits.TriggerLimitMax ? ChecksumSize + (int)length : null;
    }

    /// <summary>Reads a whole record; false when its checksum says that it is not what was written.</summary>
    public static bool TryRead(ReadOnlySpan<byte> whole, out SpoolRecord record)
    {
        record = default;
        if (SizeOf(whole) != whole.Length) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(whole[4..]) != Crc32C(whole[ChecksumSize..])) return false;
        record = new(
            BinaryPrimitives.ReadUInt64LittleEndian(whole[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(whole[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(whole[24..]),
            whole.Length - HeaderSize);
        return record.Sequence >> 32 < uint.MaxValue; // The highest opening leaves no room for another.
    }

    /// <summary>
    /// CRC-32C (Castagnoli, RFC 3720 appendix B.4), with the processor's instruction where there is one.
    /// </summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) sum = BitOperations.Crc32C(sum, word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..]) sum = BitOperations.Crc32C(sum, rest);
        return ~sum;
    }
}
