using System.Buffers;
using TriggerFs.Core;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// The end of what one attempt of a message wrote, for the dead letter that it may become. All of them share a
/// <see cref="Room"/>; where there is none, what an attempt wrote is not kept.
/// </summary>
sealed class OutputTail(OutputTail.Room room)
{
    /// <summary>Bytes of the smallest buffer: a line or two.</summary>
    private const int BufferMin = 256;

    private byte[] _buffer = [];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>More was written; what lies before the last <see cref="Limits.KeptOutputMax"/> bytes goes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Limits.KeptOutputMax) bytes = bytes[^Limits.KeptOutputMax..];
        int over = _length + bytes.Length - Limits.KeptOutputMax;
        if (over > 0) Forget(over);
        if (!TryGrow(_length + bytes.Length)) return;
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Another attempt begins.</summary>
    public void Clear() => _length = 0;

    /// <summary>Nobody needs it any more.</summary>
    public void LetGo()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        room.Taken -= _buffer.Length;
        _buffer = [];
        _length = 0;
    }

    private void Forget(int bytes)
    {
        _buffer.AsSpan(bytes, _length - bytes).CopyTo(_buffer);
        _length -= bytes;
    }

    private bool TryGrow(int length)
    {
        if (length <= _buffer.Length) return true;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(length, BufferMin));
        if (room.Taken + larger.Length - _buffer.Length > Limits.KeptOutputBytesMax)
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }
        Bytes.CopyTo(larger);
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        room.Taken += larger.Length - _buffer.Length;
        _buffer = larger;
        return true;
    }

    /// <summary>What all tails together hold.</summary>
    public sealed class Room
    {
        /// <summary>In bytes.</summary>
        public long Taken { get; set; }
    }
}
