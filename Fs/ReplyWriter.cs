using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs;

/// <summary>Writes one reply or notification behind the room for its header. The buffer is the caller's.</summary>
ref struct ReplyWriter
{
    private readonly Span<byte> _buffer;
    private int _length;

    public ReplyWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        _length = Unsafe.SizeOf<OutHeader>();
    }

    /// <summary>Bytes behind the header so far.</summary>
    public readonly int BodyLength => _length - Unsafe.SizeOf<OutHeader>();

    /// <summary>Bytes that fit behind what is there.</summary>
    public readonly int Left => _buffer.Length - _length;

    /// <summary>The rest of the buffer, to be filled and then counted by <see cref="Advance"/>.</summary>
    public readonly Span<byte> Rest => _buffer[_length..];

    public void Advance(int bytes) => _length += bytes;

    public void Put<T>(in T value) where T : unmanaged
    {
        MemoryMarshal.Write(_buffer[_length..], in value);
        _length += Unsafe.SizeOf<T>();
    }

    public void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_buffer[_length..]);
        _length += bytes.Length;
    }

    /// <summary>Fills the header in; an error has no body. Returns the whole reply.</summary>
    public readonly ReadOnlySpan<byte> Finish(ulong unique, Errno errno)
    {
        int length = errno == Errno.None ? _length : Unsafe.SizeOf<OutHeader>();
        return Finish(length, -(int)errno, unique);
    }

    /// <summary>A notification has no unique number, and its code where a reply has its error.</summary>
    public readonly ReadOnlySpan<byte> FinishNotice(NotifyCode code) => Finish(_length, (int)code, unique: 0);

    private readonly ReadOnlySpan<byte> Finish(int length, int error, ulong unique)
    {
        var header = new OutHeader { Len = (uint)length, Error = error, Unique = unique };
        MemoryMarshal.Write(_buffer, in header);
        return _buffer[..length];
    }
}
