using System.Buffers;

namespace TriggerFs.Commands.Spool;

/// <summary>What stands at a place of a segment.</summary>
enum Found : byte
{
    Record,

    /// <summary>A record that is not what was written, with a whole one or the end behind it.</summary>
    Damaged,

    /// <summary>Nothing, or what no record can begin with: nothing behind it can be read.</summary>
    End,
}

/// <summary>Reads records of segments into one buffer that is used again.</summary>
sealed class SegmentReader : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);

    /// <summary>Reads what stands at a place.</summary>
    /// <param name="size">The bytes to go on by.</param>
    /// <param name="payload">Valid until the next call.</param>
    public Found Read(Segment segment, long at, out SpoolRecord record, out int size, out ReadOnlySpan<byte> payload)
    {
        record = default;
        payload = default;
        size = 0;
        int read = segment.Read(at, _buffer);
        if (SpoolRecord.SizeOf(_buffer.AsSpan(0, read)) is not { } claimed) return Found.End;
        if (at + claimed > segment.End) return Found.End;
        size = claimed;
        if (read < size)
        {
            Enlarge(size);
            if (segment.Read(at, _buffer.AsSpan(0, size)) < size) return Found.End;
        }
        if (!SpoolRecord.TryRead(_buffer.AsSpan(0, size), out record)) return Found.Damaged;
        payload = _buffer.AsSpan(SpoolRecord.HeaderSize, record.PayloadLength);
        return Found.Record;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Enlarge(int size)
    {
        if (_buffer.Length >= size) return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = ArrayPool<byte>.Shared.Rent(size);
    }
}
