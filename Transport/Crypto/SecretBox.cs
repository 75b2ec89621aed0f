using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// NaCl's <c>crypto_secretbox</c>, XSalsa20-Poly1305: a box is a tag of 16 bytes and then the encrypted text. For
/// several threads at once.
/// </summary>
sealed class SecretBox
{
    public const int KeySize = 32;
    public const int NonceSize = 24;

    /// <summary>Bytes by which a box is longer than its text.</summary>
    public const int Overhead = Poly1305.TagSize;

    /// <summary>Bytes of the nonce that only choose a derived key; the other 8 count.</summary>
    public const int PrefixSize = 16;

    private readonly uint[] _key = GC.AllocateArray<uint>(Salsa20.KeyWords, pinned: true);
    private readonly int _lanes;

    /// <param name="key32">The key; copied.</param>
    /// <param name="lanes">How wide to work; for tests.</param>
    public SecretBox(ReadOnlySpan<byte> key32, int lanes = 0)
    {
        if (key32.Length != KeySize) throw new ArgumentException($"a key has {KeySize} bytes", nameof(key32));
        Salsa20.ReadKey(key32, _key);
        _lanes = lanes == 0 ? Salsa20.Lanes : lanes;
    }

    /// <summary>Encrypts. The box has exactly 16 bytes more than the text and does not overlap it.</summary>
    [SkipLocalsInit]
    public void Seal(ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> plain, Span<byte> boxed)
    {
        if (boxed.Length != plain.Length + Overhead) throw new ArgumentException("the wrong size", nameof(boxed));
        Span<byte> room = stackalloc byte[_lanes * Salsa20.BlockSize];
        Span<uint> derived = stackalloc uint[Salsa20.KeyWords];
        KeyStream stream = Begin(nonce24, derived, room, out Poly1305Key authenticator);
        stream.Apply(plain, boxed[Overhead..]);
        Poly1305.Seal(_lanes, authenticator, boxed);
    }

    /// <summary>
    /// Decrypts. False, with nothing written, when the box was not made with this key and nonce. The text may lie where
    /// the encrypted text is, at byte 16 of the box.
    /// </summary>
    [SkipLocalsInit]
    public bool Open(ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> boxed, Span<byte> plain)
    {
        if (boxed.Length < Overhead) return false;
        if (plain.Length < boxed.Length - Overhead) throw new ArgumentException("too short", nameof(plain));
        Span<byte> room = stackalloc byte[_lanes * Salsa20.BlockSize];
        Span<uint> derived = stackalloc uint[Salsa20.KeyWords];
        KeyStream stream = Begin(nonce24, derived, room, out Poly1305Key authenticator);
        if (!Poly1305.Matches(_lanes, authenticator, boxed)) return false;
        stream.Apply(boxed[Overhead..], plain);
        return true;
    }

    /// <summary>The key of all nonces that begin with a prefix, as words.</summary>
    public void DeriveKey(ReadOnlySpan<byte> prefix16, Span<uint> derived) =>
        Salsa20.DeriveKey(_key, prefix16, derived);

    /// <summary>Forgets the key; nothing can be sealed or opened any more.</summary>
    public void Wipe() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_key.AsSpan()));

    /// <summary>
    /// Makes the first pass of blocks and splits off the authenticator's key, which is its first 32 bytes.
    /// </summary>
    private KeyStream Begin(
        ReadOnlySpan<byte> nonce24, Span<uint> derived, Span<byte> room, out Poly1305Key authenticator)
    {
        if (nonce24.Length != NonceSize) throw new ArgumentException($"a nonce has {NonceSize} bytes", nameof(nonce24));
        DeriveKey(nonce24[..PrefixSize], derived);
        ulong nonce = BinaryPrimitives.ReadUInt64BigEndian(nonce24[PrefixSize..]);
        Salsa20.Blocks(_lanes, derived, nonce, block: 0, _lanes, room);
        authenticator = Poly1305Key.Read(room);
        return new KeyStream(_lanes, derived, nonce, room[Poly1305Key.Size..], (ulong)_lanes, room);
    }
}
