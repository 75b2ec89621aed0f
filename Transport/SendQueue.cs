using System.Buffers.Binary;

namespace TriggerFs.Transport;

/// <summary>
/// Messages that other threads want to send, copied, until the loop's thread takes them. Closed while the link is
/// down, so that nothing is accepted that could not be sent.
/// </summary>
sealed class SendQueue
{
    private const int LengthSize = sizeof(int);

    /// <summary>What the buffers shrink back to after a burst.</summary>
    private const int KeptMax = 1024 * 1024;

    private readonly Lock _lock = new();
    private byte[] _filling = [];
    private byte[] _taking = [];
    private int _length;
    private bool _isOpen;

    /// <summary>Bytes that wait.</summary>
    public int Length => Volatile.Read(ref _length);

    /// <summary>Lets messages in, or forgets those that wait.</summary>
    public void SetOpen(bool open)
    {
        lock (_lock)
        {
            _isOpen = open;
            _length = 0;
        }
    }

    /// <summary>False when closed. <paramref name="wasEmpty"/>: the loop is to be told.</summary>
    public bool TryAdd(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, out bool wasEmpty)
    {
        lock (_lock)
        {
            wasEmpty = _length == 0;
            if (!_isOpen) return false;
            int size = LengthSize + head.Length + body.Length;
            if (_filling.Length - _length < size)
                Array.Resize(ref _filling, Math.Max(Math.Max(4096, _filling.Length * 2), checked(_length + size)));
            Span<byte> to = _filling.AsSpan(_length);
            BinaryPrimitives.WriteInt32LittleEndian(to, head.Length + body.Length);
            head.CopyTo(to[LengthSize..]);
            body.CopyTo(to[(LengthSize + head.Length)..]);
            _length += size;
            return true;
        }
    }

    /// <summary>Everything that waits, to be walked with <see cref="Next"/>; valid until the next call.</summary>
    public ReadOnlySpan<byte> TakeAll()
    {
        lock (_lock)
        {
            int length = _length;
            _length = 0;
            (_filling, _taking) = (_taking, _filling);
            if (_filling.Length > KeptMax) _filling = [];
            return _taking.AsSpan(0, length);
        }
    }

    /// <summary>The first message of what was taken, which is moved on behind it.</summary>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> taken)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(taken);
        ReadOnlySpan<byte> message = taken.Slice(LengthSize, length);
        taken = taken[(LengthSize + length)..];
        return message;
    }
}
