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

    /// <summary>"expand 32-byte k", the diagonal of the first state.</summary>
    public const uint Sigma0 = 0x61707865, Sigma1 = 0x3320646e, Sigma2 = 0x79622d32, Sigma3 = 0x6b206574;

    /// <summary>The most blocks in a pass of rows.</summary>
    private const int RowLanesMax = 8;

    /// <summary>The blocks that one pass makes on this CPU: 16, 8 or 4.</summary>
    public static readonly int Lanes = Avx512F.IsSupported ? 16 : Avx2.IsSupported ? 8 : 4;

    /// <summary>
    /// Makes one pass of blocks: for each of several nonces that follow one another, the same few blocks.
    /// </summary>
    /// <param name="lanes">4, 8 or 16; more than <see cref="Lanes"/> cannot run on this CPU.</param>
    /// <param name="key">The eight words of the key.</param>
    /// <param name="nonce">The first nonce, read as a big-endian number.</param>
    /// <param name="block">The number of the first block.</param>
    /// <param name="blocksEach">Blocks for each nonce: a power of two of at most <paramref name="lanes"/>.</param>
    /// <param name="stream">Room for <paramref name="lanes"/> × 64 bytes.</param>
    public static void Blocks(
        int lanes, ReadOnlySpan<uint> key, ulong nonce, ulong block, int blocksEach, Span<byte> stream)
    {
        if (lanes == 16) Salsa20Words.Blocks(key, nonce, block, blocksEach, stream);
        else if (lanes == 8) Pass<Rows2, Vector256<uint>>(key, nonce, block, blocksEach, stream);
        else Pass<Rows1, Vector128<uint>>(key, nonce, block, blocksEach, stream);
    }

    /// <summary>HSalsa20: the key for the first 16 bytes of a nonce of 24.</summary>
    public static void DeriveKey(ReadOnlySpan<uint> key, ReadOnlySpan<byte> prefix16, Span<uint> derived)
    {
        Span<byte> block = stackalloc byte[4 * BlockSize];
        ulong nonce = BinaryPrimitives.ReadUInt64BigEndian(prefix16);
        ulong counter = BinaryPrimitives.ReadUInt64LittleEndian(prefix16[8..]);
        Blocks(lanes: 4, key, nonce, counter, blocksEach: 4, block);
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

    private static uint Sigma(int index) => index switch
    {
        0 => Sigma0,
        1 => Sigma1,
        2 => Sigma2,
        _ => Sigma3,
    };

    /// <summary>
    /// The state stands in diagonals, so that column rounds and row rounds are the same code: with the specification's
    /// numbers a = (0, 5, 10, 15), b = (4, 9, 14, 3), c = (8, 13, 2, 7), d = (12, 1, 6, 11). Four vectors of each are
    /// under way at once to keep the CPU busy while one of them waits for itself.
    /// </summary>
    [SkipLocalsInit]
    private static void Pass<TRows, TVector>(
        ReadOnlySpan<uint> key, ulong nonce, ulong block, int blocksEach, Span<byte> stream)
        where TRows : IRows<TVector>
        where TVector : struct
    {
        int width = TRows.Count;
        if (stream.Length < 4 * width * BlockSize) throw new ArgumentException("too short", nameof(stream));
        Span<Vector128<uint>> own = stackalloc Vector128<uint>[2 * RowLanesMax];
        FillOwn(key, nonce, (uint)block, blocksEach, own, lanes: 4 * width);
        ref Vector128<uint> own0 = ref own[0], own1 = ref own[width];
        ref Vector128<uint> own2 = ref own[2 * width], own3 = ref own[3 * width];

        TVector a = TRows.Same(Vector128.Create(Sigma0, Sigma1, Sigma2, Sigma3));
        TVector b = TRows.Same(Vector128.Create(key[3], (uint)(block >> 32), key[7], key[2]));
        TVector a0 = a, b0 = b, c0 = TRows.Load(in own0), d0 = TRows.Load(in Unsafe.Add(ref own0, RowLanesMax));
        TVector a1 = a, b1 = b, c1 = TRows.Load(in own1), d1 = TRows.Load(in Unsafe.Add(ref own1, RowLanesMax));
        TVector a2 = a, b2 = b, c2 = TRows.Load(in own2), d2 = TRows.Load(in Unsafe.Add(ref own2, RowLanesMax));
        TVector a3 = a, b3 = b, c3 = TRows.Load(in own3), d3 = TRows.Load(in Unsafe.Add(ref own3, RowLanesMax));
        for (int round = 0; round < 20; round++)
        {
            Round<TRows, TVector>(ref a0, ref b0, ref c0, ref d0);
            Round<TRows, TVector>(ref a1, ref b1, ref c1, ref d1);
            Round<TRows, TVector>(ref a2, ref b2, ref c2, ref d2);
            Round<TRows, TVector>(ref a3, ref b3, ref c3, ref d3);
        }
        ref byte to = ref MemoryMarshal.GetReference(stream);
        Finish<TRows, TVector>(ref to, 0, TRows.Add(a0, a), TRows.Add(b0, b), c0, d0, ref own0);
        Finish<TRows, TVector>(ref to, width, TRows.Add(a1, a), TRows.Add(b1, b), c1, d1, ref own1);
        Finish<TRows, TVector>(ref to, 2 * width, TRows.Add(a2, a), TRows.Add(b2, b), c2, d2, ref own2);
        Finish<TRows, TVector>(ref to, 3 * width, TRows.Add(a3, a), TRows.Add(b3, b), c3, d3, ref own3);
    }

    /// <summary>A column round, and the turns after which a row round is one; and the other way round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round<TRows, TVector>(ref TVector a, ref TVector b, ref TVector c, ref TVector d)
        where TRows : IRows<TVector>
        where TVector : struct
    {
        TVector mixed = TRows.Mix(b, a, d, 7);
        c = TRows.Mix(c, mixed, a, 9);
        TVector last = TRows.Mix(d, c, mixed, 13);
        a = TRows.Mix(a, last, c, 18);
        b = TRows.Turn(last, 1);
        c = TRows.Turn(c, 2);
        d = TRows.Turn(mixed, 3);
    }

    /// <summary>
    /// Adds the diagonals that each block has for itself, and turns diagonals into the rows of the block.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TRows, TVector>(
        ref byte to, int block, TVector a, TVector b, TVector c, TVector d, ref Vector128<uint> own)
        where TRows : IRows<TVector>
        where TVector : struct
    {
        c = TRows.Add(c, TRows.Load(in own));
        d = TRows.Add(d, TRows.Load(in Unsafe.Add(ref own, RowLanesMax)));
        TVector even = TRows.Same(Vector128.Create(uint.MaxValue, 0, uint.MaxValue, 0));
        TVector lower = TRows.Same(Vector128.Create(uint.MaxValue, uint.MaxValue, 0, 0));
        TVector ad = TRows.Choose(even, a, d), cb = TRows.Choose(even, c, b);
        TVector ba = TRows.Choose(even, b, a), dc = TRows.Choose(even, d, c);
        TRows.Store(
            ref Unsafe.Add(ref to, block * BlockSize),
            TRows.Choose(lower, ad, cb), TRows.Choose(lower, ba, dc),
            TRows.Choose(lower, cb, ad), TRows.Choose(lower, dc, ba));
    }

    /// <summary>
    /// The diagonals in which the blocks of a pass differ: c with block and nonce, behind all of them d.
    /// </summary>
    private static void FillOwn(
        ReadOnlySpan<uint> key, ulong nonce, uint block, int blocksEach, Span<Vector128<uint>> own, int lanes)
    {
        Vector128<uint> c = Vector128.Create(0, key[6], key[1], 0), d = Vector128.Create(key[5], key[0], 0, key[4]);
        int shift = BitOperations.Log2((uint)blocksEach);
        for (int lane = 0; lane < lanes; lane++)
        {
            ulong its = BinaryPrimitives.ReverseEndianness(nonce + (ulong)(lane >> shift));
            ulong number = block + (uint)(lane & (blocksEach - 1));
            own[lane] = c | Vector128.Create(number, its & 0xFFFF_FFFF_0000_0000).AsUInt32();
            own[lane + RowLanesMax] = d | Vector128.Create(0UL, (uint)its).AsUInt32();
        }
    }
}
