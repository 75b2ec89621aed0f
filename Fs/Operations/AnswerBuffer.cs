using System.Buffers;

namespace TriggerFs.Fs.Operations;

/// <summary>Bytes of an answer up to a limit: its end where that is what people want, else its beginning.</summary>
/// <param name="max">In bytes.</param>
/// <param name="keepsEnd">Over the limit the first bytes go; else the last ones are not taken.</param>
sealed class AnswerBuffer(int max, bool keepsEnd)
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Bytes that are not here because of the limit.</summary>
    public long Missing { get; set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (keepsEnd && bytes.Length > max)
        {
            Missing += bytes.Length - max;
            bytes = bytes[^max..];
        }
        int over = Bytes.Length + bytes.Length - max;
        if (over > 0)
        {
            Missing += over;
            if (keepsEnd) Consume(over);
            else bytes = bytes[..^over];
        }
        MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Drops bytes at the beginning: they were read.</summary>
    public void Consume(int bytes) => _start += bytes;

    public void Clear()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _start = _end = 0;
        Missing = 0;
    }

    private void MakeRoom(int length)
    {
        if (_bytes.Length - _end >= length) return;
        int kept = _end - _start;
        byte[] target = _bytes.Length - kept >= length ? _bytes : ArrayPool<byte>.Shared.Rent((kept + length) * 2);
        Bytes.CopyTo(target);
        if (target != _bytes && _bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = target;
        _start = 0;
        _end = kept;
    }
}
