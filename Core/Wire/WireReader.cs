using System.Buffers.Binary;
using System.Text;

namespace TriggerFs.Core.Wire;

/// <summary>
/// Reads one message's fields in order, big-endian, refusing what is short, too long or not UTF-8. Bytes left over are
/// fields of a newer peer and are skipped by not reading them.
/// </summary>
ref struct WireReader
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _whole;
    private int _at;

    /// <summary>Starts behind the kind and version bytes, which <see cref="MessageCodec"/> has checked.</summary>
    public WireReader(ReadOnlySpan<byte> message)
    {
        _whole = message;
        _at = MessageCodec.HeaderSize;
    }

    /// <summary>Bytes not read yet: fields that a newer peer added, or that an older one does not send.</summary>
    public readonly int Left => _whole.Length - _at;

    public byte UInt8() => Take(1, "u8")[0];

    public bool Flag() => UInt8() switch
    {
        0 => false,
        1 => true,
        byte other => throw Bad("flag", $"{other} is neither 0 nor 1"),
    };

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2, "u16"));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4, "u32"));

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4, "i32"));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8, "u64"));

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Take(8, "i64"));

    public UInt128 UInt128() => BinaryPrimitives.ReadUInt128BigEndian(Take(16, "u128"));

    /// <summary>
    /// u8 length | bytes. At most <see cref="Limits.NameMax"/>; checked for its letters by the name's own type.
    /// </summary>
    public ReadOnlySpan<byte> Name()
    {
        int length = UInt8();
        if (length > Limits.NameMax) throw Bad("name", $"{length} bytes are more than {Limits.NameMax}");
        return Take(length, "name");
    }

    /// <summary>u16 length | UTF-8. At most <see cref="Limits.TextMax"/> bytes.</summary>
    public ReadOnlySpan<byte> TextBytes(int max = Limits.TextMax)
    {
        int length = UInt16();
        if (length > max) throw Bad("text", $"{length} bytes are more than {max}");
        return Take(length, "text");
    }

    public string Text(int max = Limits.TextMax) => Utf8(TextBytes(max));

    public string NameText() => Utf8(Name());

    /// <summary>u32 length | bytes.</summary>
    public ReadOnlySpan<byte> Bytes(int max)
    {
        uint length = UInt32();
        if (length > (uint)max) throw Bad("bytes", $"{length} bytes are more than {max}");
        return Take((int)length, "bytes");
    }

    /// <summary>u16 count of what follows; checked against a limit and against the bytes that are left.</summary>
    public int Count(int max, int sizeMin)
    {
        int count = UInt16();
        if (count > max) throw Bad("count", $"{count} is more than {max}");
        if (count * (long)sizeMin > _whole.Length - _at) throw Bad("count", $"{count} do not fit in the message");
        return count;
    }

    /// <summary>A value of a closed enumeration that travels as u8.</summary>
    public TEnum OneOf<TEnum>(TEnum last, TEnum first) where TEnum : unmanaged, Enum
    {
        byte value = UInt8();
        byte low = System.Runtime.CompilerServices.Unsafe.BitCast<TEnum, byte>(first);
        byte high = System.Runtime.CompilerServices.Unsafe.BitCast<TEnum, byte>(last);
        if (value < low || value > high) throw Bad(typeof(TEnum).Name, $"{value} is not one of {low} to {high}");
        return System.Runtime.CompilerServices.Unsafe.BitCast<byte, TEnum>(value);
    }

    private string Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw Bad("text", "it is not UTF-8");
        }
    }

    private ReadOnlySpan<byte> Take(int length, string field)
    {
        if (length > _whole.Length - _at) throw Bad(field, $"{length} bytes wanted, {_whole.Length - _at} left");
        ReadOnlySpan<byte> taken = _whole.Slice(_at, length);
        _at += length;
        return taken;
    }

    private readonly WireException Bad(string field, string why) =>
        new($"a {MessageCodec.Describe(_whole)} message cannot be read", $"{field} at byte {_at}: {why}");
}
