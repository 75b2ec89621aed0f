using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// Seals or opens the messages of one direction of a CURVE connection (rfc.zeromq.org/spec/26): the first 16 bytes of
/// the nonce are constant, the last 8 count up. So the key is derived once, and because the next nonces are known,
/// one pass over the CPU's lanes makes the first blocks of several coming messages. For one thread at a time.
/// </summary>
sealed class MessageBox
{
    /// <summary>Bytes by which a box is longer than its text.</summary>
    public const int Overhead = Poly1305.TagSize;

    private readonly uint[] _key = GC.AllocateArray<uint>(Salsa20.KeyWords, pinned: true);
    private readonly int _lanes;

    /// <summary>
    /// The first blocks of the messages from <see cref="_first"/> on; made when the first message comes.
    /// </summary>
    private byte[] _ahead = [];
    private ulong _first;
    private int _messages;
    private int _blocksEach = 1;

    /// <summary>
    /// The most blocks that a message took since the last pass, which is how many the next pass makes for each.
    /// </summary>
    private int _blocksSeen = 1;
    private ulong _sealedBelow;

    /// <param name="prefix16">"CurveZMQMESSAGEC" from the client, "CurveZMQMESSAGES" from the server.</param>
    public MessageBox(Box box, ReadOnlySpan<byte> prefix16, int lanes = 0)
    {
        box.DeriveKey(prefix16, _key);
        _lanes = lanes == 0 ? Salsa20.Lanes : lanes;
    }

    /// <summary>
    /// Encrypts pieces that together are one text. The box has exactly 16 bytes more and overlaps no piece. Counters
    /// only go up: a nonce that is used twice would give both texts away.
    /// </summary>
    [SkipLocalsInit]
    public void Seal(
        ulong counter, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> boxed)
    {
        int length = first.Length + second.Length + third.Length;
        if (boxed.Length != length + Overhead) throw new ArgumentException("the wrong size", nameof(boxed));
        if (counter < _sealedBelow) throw new InvalidOperationException($"the nonce {counter} was used");
        _sealedBelow = counter + 1;

        KeyStream stream = Take(counter, length, out Poly1305Key authenticator);
        Span<byte> cipher = boxed[Overhead..];
        stream.Apply(first, cipher);
        stream.Apply(second, cipher[first.Length..]);
        stream.Apply(third, cipher[(first.Length + second.Length)..]);
        Poly1305.Seal(_lanes, authenticator, boxed);
    }

    /// <summary>
    /// Decrypts. False, with nothing written, when the box was not made for this counter with this key. The text may
    /// lie where the encrypted text is, at byte 16 of the box.
    /// </summary>
    [SkipLocalsInit]
    public bool Open(ulong counter, ReadOnlySpan<byte> boxed, Span<byte> plain)
    {
        if (boxed.Length < Overhead) return false;
        ReadOnlySpan<byte> cipher = boxed[Overhead..];
        if (plain.Length < cipher.Length) throw new ArgumentException("too short", nameof(plain));

        KeyStream stream = Take(counter, cipher.Length, out Poly1305Key authenticator);
        if (!Poly1305.Matches(_lanes, authenticator, boxed)) return false;
        stream.Apply(cipher, plain);
        return true;
    }

    /// <summary>Forgets the key and what was made from it; nothing can be sealed or opened any more.</summary>
    public void Wipe()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_key.AsSpan()));
        CryptographicOperations.ZeroMemory(_ahead);
        _messages = 0;
    }

    /// <summary>
    /// The stream of one message, of which the first 32 bytes are split off as the authenticator's key.
    /// </summary>
    private KeyStream Take(ulong counter, int length, out Poly1305Key authenticator)
    {
        int blocks = (Poly1305Key.Size + length + Salsa20.BlockSize - 1) / Salsa20.BlockSize;
        _blocksSeen = Math.Max(_blocksSeen, blocks);
        if (counter - _first >= (ulong)_messages) MakeAhead(counter);

        int size = _blocksEach * Salsa20.BlockSize;
        ReadOnlySpan<byte> made = _ahead.AsSpan((int)(counter - _first) * size, size);
        authenticator = Poly1305Key.Read(made);
        if (blocks > _blocksEach) _messages = 0; // Its further blocks are made where those of coming messages are.
        return new KeyStream(_lanes, _key, counter, made[Poly1305Key.Size..], (ulong)_blocksEach, _ahead);
    }

    private void MakeAhead(ulong counter)
    {
        if (_ahead.Length == 0) _ahead = GC.AllocateUninitializedArray<byte>(_lanes * Salsa20.BlockSize, pinned: true);
        _blocksEach = (int)uint.Min(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)_blocksSeen), (uint)_lanes);
        _blocksSeen = 1;
        _first = counter;
        _messages = _lanes / _blocksEach;
        Salsa20.Blocks(_lanes, _key, counter, block: 0, _blocksEach, _ahead);
    }
}
