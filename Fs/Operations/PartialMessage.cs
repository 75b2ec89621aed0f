using System.Buffers;
using TriggerFs.Core;

namespace TriggerFs.Fs.Operations;

/// <summary>Bytes of a handle that wait for the rest of their message. Guarded by the file's lock.</summary>
sealed class PartialMessage
{
    private byte[] _bytes = [];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>On the steady clock, when the oldest of the bytes came; for lines that do not end.</summary>
    public long SinceMs { get; private set; }

    /// <summary>Over the limit: nothing of it is sent (message close).</summary>
    public bool IsSpoilt { get; private set; }

    /// <summary>False when the bytes do not fit: then none of them was taken.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        int length = _length + bytes.Length;
        if (length > Limits.PayloadMax) return false;
        if (_length == 0) SinceMs = Environment.TickCount64;
        if (length > _bytes.Length) Grow(length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = length;
        return true;
    }

    /// <summary>Takes back what was appended last.</summary>
    public void Truncate(int length) => _length = Math.Min(_length, length);

    public void Spoil()
    {
        Clear();
        IsSpoilt = true;
    }

    public void Clear()
    {
        _length = 0;
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Grow(int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(length);
        Bytes.CopyTo(larger);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
