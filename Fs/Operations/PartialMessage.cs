using System.Buffers;
using System.Numerics;

namespace TriggerFs.Fs.Operations;

/// <summary>Bytes of a handle that wait for the rest of their message. Guarded by the file's lock.</summary>
sealed class PartialMessage(KeptBytes all)
{
    /// <summary>Bytes of memory that are kept for the next line, so that lines in pieces allocate nothing.</summary>
    private const int IdleMax = 4096;

    private byte[] _bytes = [];
    private int _length;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>On the steady clock, when the oldest of the bytes came; for lines that do not end.</summary>
    public long SinceMs { get; private set; }

    /// <summary>Why nothing of the message is sent, as it does not have all its bytes (message close).</summary>
    public Errno Spoilt { get; private set; }

    /// <summary>
    /// EMSGSIZE when the message would be longer than the limit, ENOSPC when there is no memory for it: then none of
    /// the bytes was taken.
    /// </summary>
    public Errno Append(ReadOnlySpan<byte> bytes, long limit)
    {
        long length = _length + (long)bytes.Length;
        if (length > limit) return Errno.EMSGSIZE;
        if (length > _bytes.Length && !TryGrow((int)length)) return Errno.ENOSPC;
        if (_length == 0) SinceMs = Environment.TickCount64;
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = (int)length;
        return Errno.None;
    }

    /// <summary>Takes back what was appended last.</summary>
    public void Truncate(int length)
    {
        _length = Math.Min(_length, length);
        if (_length == 0 && _bytes.Length > IdleMax) Clear();
    }

    /// <summary>Has what it had before; its memory was large enough for that.</summary>
    public void Rewind(ReadOnlySpan<byte> kept)
    {
        _length = 0;
        Append(kept, kept.Length);
    }

    public void Spoil(Errno why)
    {
        Clear();
        Spoilt = why;
    }

    /// <summary>The last close: it is for another handle then.</summary>
    public void End()
    {
        Clear();
        Spoilt = Errno.None;
    }

    public void Clear()
    {
        _length = 0;
        Give(_bytes);
        _bytes = [];
    }

    private bool TryGrow(int length)
    {
        // The sizes in which the pool has arrays.
        uint size = Math.Max(BitOperations.RoundUpToPowerOf2((uint)length), 16);
        if (!all.TryTake(size)) return false;
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)size);
        Bytes.CopyTo(larger);
        all.Return((int)size - larger.Length);
        Give(_bytes);
        _bytes = larger;
        return true;
    }

    private void Give(byte[] bytes)
    {
        all.Return(bytes.Length);
        if (bytes.Length > 0) ArrayPool<byte>.Shared.Return(bytes);
    }
}
