using System.Buffers.Binary;
using System.Text;

namespace TriggerFs.Core.Wire;

/// <summary>
/// Writes one message after another into a buffer that is used again. Not for several threads. Text that is over its
/// limit is refused with <see cref="ErrorCode.TooLarge"/>: nothing that we send is cut short.
/// </summary>
sealed class WireWriter
{
    private byte[] _buffer = new byte[256];
    private int _length;

    /// <summary>What was written since <see cref="Begin"/>; valid until the next one.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Starts a new message of the given kind.</summary>
    public WireWriter Begin(Messages.MessageKind kind)
    {
        _length = 0;
        UInt8((byte)kind);
        UInt8(MessageCodec.Version);
        return this;
    }

    public void UInt8(byte value) => Room(1)[0] = value;

    public void Flag(bool value) => UInt8(value ? (byte)1 : (byte)0);

    public void UInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Room(2), value);

    public void UInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Room(4), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Room(4), value);

    public void UInt64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Room(8), value);

    public void Int64(long value) => BinaryPrimitives.WriteInt64BigEndian(Room(8), value);

    public void UInt128(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Room(16), value);

    /// <summary>u8 length | bytes.</summary>
    public void Name(ReadOnlySpan<byte> name)
    {
        Check(name.Length, Limits.NameMax, "a name");
        UInt8((byte)name.Length);
        name.CopyTo(Room(name.Length));
    }

    public void Name(string name)
    {
        int length = Encoding.UTF8.GetByteCount(name);
        Check(length, Limits.NameMax, "a name");
        UInt8((byte)length);
        Encoding.UTF8.GetBytes(name, Room(length));
    }

    /// <summary>u16 length | UTF-8.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        Check(text.Length, Limits.TextMax, "a text");
        UInt16((ushort)text.Length);
        text.CopyTo(Room(text.Length));
    }

    public void Text(string text, int max = Limits.TextMax)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        Check(length, max, "a text");
        UInt16((ushort)length);
        Encoding.UTF8.GetBytes(text, Room(length));
    }

    public void Count(int count, int max)
    {
        Check(count, max, "a list");
        UInt16((ushort)count);
    }

    /// <summary>u32 length | bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        UInt32((uint)bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
    }

    /// <summary>The length of bytes that are sent as the message's body, behind what is written here.</summary>
    public void BytesFollow(int length) => UInt32((uint)length);

    private static void Check(int length, int max, string what)
    {
        if (length > max)
            throw new TriggerException(ErrorCode.TooLarge, $"{what} of {length} is over the limit of {max}");
    }

    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length < length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + length));
        Span<byte> room = _buffer.AsSpan(_length, length);
        _length += length;
        return room;
    }
}
