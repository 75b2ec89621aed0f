using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// The one-time authenticator Poly1305 (RFC 8439, section 2.5): long messages on vectors, the rest on 64-bit limbs.
/// Nothing in it branches or indexes by a secret.
/// </summary>
static class Poly1305
{
    /// <summary>Bytes in a tag.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes from which on the powers of r, which vectors need, are worth their making.</summary>
    private const int WideMin = 384;

    /// <summary>Writes the tag of a message into the 16 bytes in front of it.</summary>
    /// <param name="lanes">How wide to work, in lanes of <see cref="Salsa20"/>.</param>
    public static void Seal(int lanes, in Poly1305Key key, Span<byte> boxed)
    {
        UInt128 tag = Tag(lanes, key, boxed);
        BinaryPrimitives.WriteUInt128LittleEndian(boxed, tag);
    }

    /// <summary>Whether the 16 bytes in front of a message are its tag; takes the same time either way.</summary>
    public static bool Matches(int lanes, in Poly1305Key key, ReadOnlySpan<byte> boxed)
    {
        UInt128 difference = Tag(lanes, key, boxed) ^ BinaryPrimitives.ReadUInt128LittleEndian(boxed);
        return ((ulong)(difference >> 64) | (ulong)difference) == 0;
    }

    private static UInt128 Tag(int lanes, in Poly1305Key key, ReadOnlySpan<byte> boxed) =>
        Bmi2.X64.IsSupported ? Tag<MulxProduct>(lanes, key, boxed) : Tag<PlainProduct>(lanes, key, boxed);

    private static UInt128 Tag<TProduct>(int lanes, in Poly1305Key key, ReadOnlySpan<byte> boxed)
        where TProduct : IProduct
    {
        ReadOnlySpan<byte> message = boxed[TagSize..];
        var sum = new Poly1305Sum<TProduct>(key);
        int wide = message.Length < WideMin || lanes < 8 ? 0 : message.Length - (message.Length % (lanes * 8));
        if (wide > 0 && lanes == 16) Poly1305Wide<Limbs8, Vector512<ulong>>.Begin(ref sum, message[..wide]);
        else if (wide > 0) Poly1305Wide<Limbs4, Vector256<ulong>>.Begin(ref sum, message[..wide]);
        sum.AddBlocks(message[wide..]);
        int rest = message.Length % TagSize;
        if (rest > 0)
        {
            ReadLast(boxed, 8 * rest, out ulong low, out ulong high);
            sum.Add(low, high, top: 0);
        }
        return sum.Finish(key);
    }

    /// <summary>
    /// The last, short block, which has its own 1 bit behind it in place of the 2^128 of a full one. It is read
    /// together with what stands before it, of which the tag's room makes sure that there is enough.
    /// </summary>
    private static void ReadLast(ReadOnlySpan<byte> boxed, int bits, out ulong low, out ulong high)
    {
        ulong before = BinaryPrimitives.ReadUInt64LittleEndian(boxed[^TagSize..]);
        ulong end = BinaryPrimitives.ReadUInt64LittleEndian(boxed[^sizeof(ulong)..]);
        if (bits < 64)
        {
            low = (end >> (64 - bits)) | (1UL << bits);
            high = 0;
            return;
        }
        low = bits == 64 ? end : (before >> (128 - bits)) | (end << (bits - 64));
        high = (bits == 64 ? 0 : end >> (128 - bits)) | (1UL << (bits - 64));
    }
}
