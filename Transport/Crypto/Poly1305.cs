using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// The one-time authenticator Poly1305 (RFC 8439, section 2.5) with 64-bit limbs. Nothing in it branches or indexes
/// by a secret.
/// </summary>
static class Poly1305
{
    /// <summary>Bytes in a tag.</summary>
    public const int TagSize = 16;

    /// <summary>Bytes in a key, which is good for one message.</summary>
    public const int KeySize = 32;

    /// <summary>Writes the tag of a message.</summary>
    public static void Tag(ReadOnlySpan<byte> key32, ReadOnlySpan<byte> message, Span<byte> tag16)
    {
        var sum = new Poly1305Sum(key32);
        sum.AddBlocks(message);
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
    public static bool Matches(ReadOnlySpan<byte> key32, ReadOnlySpan<byte> message, ReadOnlySpan<byte> boxed)
    {
        Span<byte> tag = stackalloc byte[TagSize];
        Tag(key32, message, tag);
        return CryptographicOperations.FixedTimeEquals(tag, boxed[..TagSize]);
    }
}
