using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// The key stream of Salsa20 (D. J. Bernstein, "Salsa20 specification"), as many blocks in one pass as the CPU has
/// lanes, and HSalsa20, which makes the keys of XSalsa20.
/// </summary>
static class Salsa20
{
    /// <summary>Bytes in a block of the key stream.</summary>
    public const int BlockSize = 64;

    /// <summary>32-bit words in a key, little-endian as the bytes are.</summary>
    public const int KeyWords = 8;

    /// <summary>The most blocks that a pass makes on any CPU.</summary>
    public const int LanesMax = 16;

    /// <summary>The blocks that one pass makes on this CPU: 16, 8 or 4.</summary>
    public static readonly int Lanes = Avx512F.IsSupported ? 16 : Avx2.IsSupported ? 8 : 4;

    /// <summary>
    /// Makes one pass of blocks: for each of several nonces that follow one another, the same few blocks.
    /// </summary>
    /// <param name="lanes">1, 4, 8 or 16; more than <see cref="Lanes"/> cannot run on this CPU.</param>
    /// <param name="key">The eight words of the key.</param>
    /// <param name="nonce">The first nonce, read as a big-endian number.</param>
    /// <param name="block">The number of the first block.</param>
    /// <param name="blocksEach">Blocks for each nonce: a power of two of at most <paramref name="lanes"/>.</param>
    /// <param name="stream">Room for <paramref name="lanes"/> × 64 bytes.</param>
    public static void Blocks(
        int lanes, ReadOnlySpan<uint> key, ulong nonce, ulong block, int blocksEach, Span<byte> stream)
    {
        if (lanes == 16) Pass<Lanes16, Vector512<uint>>(key, nonce, block, blocksEach, stream);
        else if (lanes == 8) Pass<Lanes8, Vector256<uint>>(key, nonce, block, blocksEach, stream);
        else if (lanes == 4) Pass<Lanes4, Vector128<uint>>(key, nonce, block, blocksEach, stream);
        else Pass<Lanes1, uint>(key, nonce, block, blocksEach, stream);
    }

    /// <summary>HSalsa20: the key for the first 16 bytes of a nonce of 24.</summary>
    public static void DeriveKey(ReadOnlySpan<uint> key, ReadOnlySpan<byte> prefix16, Span<uint> derived)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        ulong nonce = BinaryPrimitives.ReadUInt64BigEndian(prefix16);
        ulong counter = BinaryPrimitives.ReadUInt64LittleEndian(prefix16[8..]);
        Blocks(lanes: 1, key, nonce, counter, blocksEach: 1, block);
        // HSalsa20 is the block without the final addition: it is taken back for the words that are the key.
        ReadOnlySpan<int> constants = [0, 5, 10, 15];
        for (int i = 0; i < 4; i++)
        {
            derived[i] = Word(block, constants[i]) - Sigma(i);
            derived[i + 4] = Word(block, i + 6) - BinaryPrimitives.ReadUInt32LittleEndian(prefix16[(4 * i)..]);
        }
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>The words of a key of 32 bytes.</summary>
    public static void ReadKey(ReadOnlySpan<byte> key32, Span<uint> words)
    {
        for (int i = 0; i < KeyWords; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(key32[(4 * i)..]);
    }

    private static uint Word(ReadOnlySpan<byte> block, int index) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * index)..]);

    /// <summary>"expand 32-byte k".</summary>
    private static uint Sigma(int index) => index switch
    {
        0 => 0x61707865,
        1 => 0x3320646e,
        2 => 0x79622d32,
        _ => 0x6b206574,
    };

    [SkipLocalsInit]
    private static void Pass<TLanes, TVector>(
        ReadOnlySpan<uint> key, ulong nonce, ulong block, int blocksEach, Span<byte> stream)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        if (stream.Length < TLanes.Count * BlockSize) throw new ArgumentException("too short", nameof(stream));
        Span<uint> high = stackalloc uint[LanesMax], low = stackalloc uint[LanesMax];
        Span<uint> number = stackalloc uint[LanesMax];
        int shift = BitOperations.Log2((uint)blocksEach);
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            ulong its = nonce + (ulong)(lane >> shift);
            high[lane] = BinaryPrimitives.ReverseEndianness((uint)(its >> 32));
            low[lane] = BinaryPrimitives.ReverseEndianness((uint)its);
            number[lane] = (uint)block + (uint)(lane & (blocksEach - 1));
        }
        Rounds<TLanes, TVector>(
            key, TLanes.Each(high), TLanes.Each(low), TLanes.Each(number), TLanes.Same((uint)(block >> 32)),
            ref MemoryMarshal.GetReference(stream));
    }

    /// <summary>
    /// The specification's sections 3 to 8: ten times a column round and a row round, then the addition.
    /// </summary>
    private static void Rounds<TLanes, TVector>(
        ReadOnlySpan<uint> key, TVector n0, TVector n1, TVector b0, TVector b1, ref byte to)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        TVector x0 = TLanes.Same(Sigma(0)), x5 = TLanes.Same(Sigma(1));
        TVector x10 = TLanes.Same(Sigma(2)), x15 = TLanes.Same(Sigma(3));
        TVector x1 = TLanes.Same(key[0]), x2 = TLanes.Same(key[1]), x3 = TLanes.Same(key[2]), x4 = TLanes.Same(key[3]);
        TVector x11 = TLanes.Same(key[4]), x12 = TLanes.Same(key[5]);
        TVector x13 = TLanes.Same(key[6]), x14 = TLanes.Same(key[7]);
        TVector x6 = n0, x7 = n1, x8 = b0, x9 = b1;
        for (int i = 0; i < 10; i++)
        {
            x4 = TLanes.Mix(x4, x0, x12, 7);
            x9 = TLanes.Mix(x9, x5, x1, 7);
            x14 = TLanes.Mix(x14, x10, x6, 7);
            x3 = TLanes.Mix(x3, x15, x11, 7);
            x8 = TLanes.Mix(x8, x4, x0, 9);
            x13 = TLanes.Mix(x13, x9, x5, 9);
            x2 = TLanes.Mix(x2, x14, x10, 9);
            x7 = TLanes.Mix(x7, x3, x15, 9);
            x12 = TLanes.Mix(x12, x8, x4, 13);
            x1 = TLanes.Mix(x1, x13, x9, 13);
            x6 = TLanes.Mix(x6, x2, x14, 13);
            x11 = TLanes.Mix(x11, x7, x3, 13);
            x0 = TLanes.Mix(x0, x12, x8, 18);
            x5 = TLanes.Mix(x5, x1, x13, 18);
            x10 = TLanes.Mix(x10, x6, x2, 18);
            x15 = TLanes.Mix(x15, x11, x7, 18);

            x1 = TLanes.Mix(x1, x0, x3, 7);
            x6 = TLanes.Mix(x6, x5, x4, 7);
            x11 = TLanes.Mix(x11, x10, x9, 7);
            x12 = TLanes.Mix(x12, x15, x14, 7);
            x2 = TLanes.Mix(x2, x1, x0, 9);
            x7 = TLanes.Mix(x7, x6, x5, 9);
            x8 = TLanes.Mix(x8, x11, x10, 9);
            x13 = TLanes.Mix(x13, x12, x15, 9);
            x3 = TLanes.Mix(x3, x2, x1, 13);
            x4 = TLanes.Mix(x4, x7, x6, 13);
            x9 = TLanes.Mix(x9, x8, x11, 13);
            x14 = TLanes.Mix(x14, x13, x12, 13);
            x0 = TLanes.Mix(x0, x3, x2, 18);
            x5 = TLanes.Mix(x5, x4, x7, 18);
            x10 = TLanes.Mix(x10, x9, x8, 18);
            x15 = TLanes.Mix(x15, x14, x13, 18);
        }
        TLanes.Store(
            ref to,
            TLanes.Add(x0, TLanes.Same(Sigma(0))), TLanes.Add(x1, TLanes.Same(key[0])),
            TLanes.Add(x2, TLanes.Same(key[1])), TLanes.Add(x3, TLanes.Same(key[2])),
            TLanes.Add(x4, TLanes.Same(key[3])), TLanes.Add(x5, TLanes.Same(Sigma(1))),
            TLanes.Add(x6, n0), TLanes.Add(x7, n1), TLanes.Add(x8, b0), TLanes.Add(x9, b1),
            TLanes.Add(x10, TLanes.Same(Sigma(2))), TLanes.Add(x11, TLanes.Same(key[4])),
            TLanes.Add(x12, TLanes.Same(key[5])), TLanes.Add(x13, TLanes.Same(key[6])),
            TLanes.Add(x14, TLanes.Same(key[7])), TLanes.Add(x15, TLanes.Same(Sigma(3))));
    }
}
