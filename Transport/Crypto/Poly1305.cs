using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// The one-time authenticator Poly1305 (RFC 8439, section 2.5): long messages on vectors, the rest on 64-bit limbs.
/// Nothing in it branches or indexes by a secret.
/// </summary>
static class Poly1305
{
    /// <summary>Bytes in a tag.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes in a key, which is good for one message.</summary>
    public const int KeySize = 32;

    /// <summary>Bytes from which on the powers of r, which vectors need, are worth their making.</summary>
    private const int WideMin = 512;

    /// <summary>Writes the tag of a message.</summary>
    /// <param name="lanes">How wide to work, in lanes of <see cref="Salsa20"/>.</param>
    public static void Tag(int lanes, ReadOnlySpan<byte> key32, ReadOnlySpan<byte> message, Span<byte> tag16)
    {
        var sum = new Poly1305Sum(key32);
        int wide = message.Length < WideMin || lanes < 8 ? 0 : message.Length - (message.Length % 128);
        if (wide > 0 && lanes == 16) Poly1305Wide<Limbs8, Vector512<ulong>>.Begin(ref sum, message[..wide]);
        else if (wide > 0) Poly1305Wide<Limbs4, Vector256<ulong>>.Begin(ref sum, message[..wide]);
        sum.AddBlocks(message[wide..]);
        int rest = message.Length % TagSize;
        if (rest > 0)
        {
            // The last, short block has its own 1 bit behind it in place of the 2^128 of a full one.
            Span<byte> last = stackalloc byte[TagSize];
            last.Clear();
            message[^rest..].CopyTo(last);
            last[rest] = 1;
            ulong low = BinaryPrimitives.ReadUInt64LittleEndian(last);
            sum.Add(low, BinaryPrimitives.ReadUInt64LittleEndian(last[8..]), top: 0);
        }
        sum.Finish(key32[16..], tag16);
    }

    /// <summary>Whether a message has this tag; takes the same time either way.</summary>
    public static bool Matches(
        int lanes, ReadOnlySpan<byte> key32, ReadOnlySpan<byte> message, ReadOnlySpan<byte> boxed)
    {
        Span<byte> tag = stackalloc byte[TagSize];
        Tag(lanes, key32, message, tag);
        return CryptographicOperations.FixedTimeEquals(tag, boxed[..TagSize]);
    }
}
