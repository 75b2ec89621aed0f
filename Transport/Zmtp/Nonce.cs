using System.Buffers.Binary;
using System.Security.Cryptography;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Transport.Zmtp;

/// <summary>The nonces of the handshake (rfc.zeromq.org/spec/26): 24 octets, of which the prefix is not sent.</summary>
/// <remarks>
/// "A long nonce protects permanent keys, and is 16 octets from a good random number generator. A short nonce protects
/// transient keys and is an 8-octet sequential number."
/// </remarks>
static class Nonce
{
    public const int Size = Box.NonceSize;
    public const int LongSize = 16;
    public const int ShortSize = 8;

    /// <summary>Puts prefix and sent part together.</summary>
    public static void Join(Span<byte> nonce, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> sent)
    {
        prefix.CopyTo(nonce);
        sent.CopyTo(nonce[prefix.Length..]);
    }

    /// <summary>
    /// Makes a long nonce of a prefix of 8 characters and 16 random octets, which are also put where they are sent.
    /// </summary>
    public static void MakeLong(Span<byte> nonce, ReadOnlySpan<byte> prefix, Span<byte> sent)
    {
        RandomNumberGenerator.Fill(sent[..LongSize]);
        Join(nonce, prefix, sent[..LongSize]);
    }

    /// <summary>
    /// Makes a short nonce of a prefix of 16 characters and a number, which is also put where it is sent.
    /// </summary>
    public static void MakeShort(Span<byte> nonce, ReadOnlySpan<byte> prefix, ulong number, Span<byte> sent)
    {
        BinaryPrimitives.WriteUInt64BigEndian(sent, number);
        Join(nonce, prefix, sent[..ShortSize]);
    }
}
