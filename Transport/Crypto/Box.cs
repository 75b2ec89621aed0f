using System.Security.Cryptography;
using NaCl;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// NaCl's <c>crypto_box</c>, Curve25519-XSalsa20-Poly1305, after <c>crypto_box_beforenm</c>: the shared key of one key
/// pair and one peer's public key. For several threads at once.
/// </summary>
sealed class Box
{
    public const int NonceSize = SecretBox.NonceSize;

    /// <summary>Bytes by which a box is longer than its text.</summary>
    public const int Overhead = SecretBox.Overhead;

    private readonly SecretBox _shared;

    private Box(SecretBox shared) => _shared = shared;

    /// <summary>
    /// The key that two parties share: HSalsa20 of X25519 of one's secret key and the other's public key.
    /// </summary>
    /// <exception cref="CryptographicException">The public key is one of the few that give every secret key the same
    /// result: its sender wants no secret.</exception>
    public static Box FromKeys(ReadOnlySpan<byte> secretKey32, ReadOnlySpan<byte> publicKey32, int lanes = 0)
    {
        Span<byte> point = stackalloc byte[SecretBox.KeySize];
        Span<uint> words = stackalloc uint[Salsa20.KeyWords];
        Curve25519.ScalarMultiplication(point, secretKey32, publicKey32);
        if (CryptographicOperations.FixedTimeEquals(point, stackalloc byte[SecretBox.KeySize]))
            throw new CryptographicException("the public key is a point of small order");
        new SecretBox(point).DeriveKey(stackalloc byte[SecretBox.PrefixSize], words);
        Span<byte> key = System.Runtime.InteropServices.MemoryMarshal.AsBytes(words);
        var shared = new SecretBox(key, lanes);
        CryptographicOperations.ZeroMemory(point);
        CryptographicOperations.ZeroMemory(key);
        return new Box(shared);
    }

    /// <inheritdoc cref="SecretBox.Seal"/>
    public void Seal(ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> plain, Span<byte> boxed) =>
        _shared.Seal(nonce24, plain, boxed);

    /// <inheritdoc cref="SecretBox.Open"/>
    public bool Open(ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> boxed, Span<byte> plain) =>
        _shared.Open(nonce24, boxed, plain);

    /// <inheritdoc cref="SecretBox.DeriveKey"/>
    public void DeriveKey(ReadOnlySpan<byte> prefix16, Span<uint> derived) => _shared.DeriveKey(prefix16, derived);

    /// <inheritdoc cref="SecretBox.Wipe"/>
    public void Wipe() => _shared.Wipe();
}
