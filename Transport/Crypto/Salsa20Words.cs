using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// Sixteen blocks of Salsa20 with AVX-512, which has registers for a vector of each word of the state: nothing is
/// turned between the rounds, as it is where a vector is a row, and the blocks are put together at the end.
/// </summary>
static class Salsa20Words
{
    private const int Lanes = 16;

    /// <summary>As <see cref="Salsa20.Blocks"/>, with 16 lanes.</summary>
    [SkipLocalsInit]
    public static void Blocks(ReadOnlySpan<uint> key, ulong nonce, ulong block, int blocksEach, Span<byte> stream)
    {
        if (key.Length < Salsa20.KeyWords) throw new ArgumentException("too short", nameof(key));
        if (stream.Length < Lanes * Salsa20.BlockSize) throw new ArgumentException("too short", nameof(stream));
        Unsafe.SkipInit(out Own own);
        own.Fill(nonce, block, blocksEach);
        Vector512<uint> x0 = Same(Salsa20.Sigma0), x5 = Same(Salsa20.Sigma1);
        Vector512<uint> x10 = Same(Salsa20.Sigma2), x15 = Same(Salsa20.Sigma3);
        Vector512<uint> x1 = Same(key[0]), x2 = Same(key[1]), x3 = Same(key[2]), x4 = Same(key[3]);
        Vector512<uint> x6 = own.X6, x7 = own.X7, x8 = own.X8, x9 = Same((uint)(block >> 32));
        Vector512<uint> x11 = Same(key[4]), x12 = Same(key[5]), x13 = Same(key[6]), x14 = Same(key[7]);
        for (int round = 0; round < 20; round += 2)
        {
            Quarters(
                ref x0, ref x4, ref x8, ref x12, ref x5, ref x9, ref x13, ref x1,
                ref x10, ref x14, ref x2, ref x6, ref x15, ref x3, ref x7, ref x11);
            Quarters(
                ref x0, ref x1, ref x2, ref x3, ref x5, ref x6, ref x7, ref x4,
                ref x10, ref x11, ref x8, ref x9, ref x15, ref x12, ref x13, ref x14);
        }
        (x0, x5) = (x0 + Same(Salsa20.Sigma0), x5 + Same(Salsa20.Sigma1));
        (x10, x15) = (x10 + Same(Salsa20.Sigma2), x15 + Same(Salsa20.Sigma3));
        (x1, x2, x3, x4) = (x1 + Same(key[0]), x2 + Same(key[1]), x3 + Same(key[2]), x4 + Same(key[3]));
        (x6, x7, x8, x9) = (x6 + own.X6, x7 + own.X7, x8 + own.X8, x9 + Same((uint)(block >> 32)));
        (x11, x12, x13, x14) = (x11 + Same(key[4]), x12 + Same(key[5]), x13 + Same(key[6]), x14 + Same(key[7]));
        Turn(ref x0, ref x1, ref x2, ref x3);
        Turn(ref x4, ref x5, ref x6, ref x7);
        Turn(ref x8, ref x9, ref x10, ref x11);
        Turn(ref x12, ref x13, ref x14, ref x15);
        ref byte to = ref MemoryMarshal.GetReference(stream);
        Store(ref to, 0, x0, x4, x8, x12);
        Store(ref to, 1, x1, x5, x9, x13);
        Store(ref to, 2, x2, x6, x10, x14);
        Store(ref to, 3, x3, x7, x11, x15);
    }

    /// <summary>Four quarter rounds, step by step, as each waits for itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(
        ref Vector512<uint> a0, ref Vector512<uint> b0, ref Vector512<uint> c0, ref Vector512<uint> d0,
        ref Vector512<uint> a1, ref Vector512<uint> b1, ref Vector512<uint> c1, ref Vector512<uint> d1,
        ref Vector512<uint> a2, ref Vector512<uint> b2, ref Vector512<uint> c2, ref Vector512<uint> d2,
        ref Vector512<uint> a3, ref Vector512<uint> b3, ref Vector512<uint> c3, ref Vector512<uint> d3)
    {
        b0 = Mix(b0, a0, d0, 7);
        b1 = Mix(b1, a1, d1, 7);
        b2 = Mix(b2, a2, d2, 7);
        b3 = Mix(b3, a3, d3, 7);
        c0 = Mix(c0, b0, a0, 9);
        c1 = Mix(c1, b1, a1, 9);
        c2 = Mix(c2, b2, a2, 9);
        c3 = Mix(c3, b3, a3, 9);
        d0 = Mix(d0, c0, b0, 13);
        d1 = Mix(d1, c1, b1, 13);
        d2 = Mix(d2, c2, b2, 13);
        d3 = Mix(d3, c3, b3, 13);
        a0 = Mix(a0, d0, c0, 18);
        a1 = Mix(a1, d1, c1, 18);
        a2 = Mix(a2, d2, c2, 18);
        a3 = Mix(a3, d3, c3, 18);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Mix(
        Vector512<uint> target, Vector512<uint> left, Vector512<uint> right, [ConstantExpected] byte bits) =>
        Avx512F.Xor(target, Avx512F.RotateLeft(Avx512F.Add(left, right), bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Same(uint word) => Vector512.Create(word);

    /// <summary>
    /// Makes rows of four words of sixteen blocks: first those of the blocks 0, 4, 8 and 12, then those of 1, 5, 9 and
    /// 13, and so on.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        ref Vector512<uint> x0, ref Vector512<uint> x1, ref Vector512<uint> x2, ref Vector512<uint> x3)
    {
        Vector512<ulong> low01 = Avx512F.UnpackLow(x0, x1).AsUInt64();
        Vector512<ulong> high01 = Avx512F.UnpackHigh(x0, x1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(x2, x3).AsUInt64();
        Vector512<ulong> high23 = Avx512F.UnpackHigh(x2, x3).AsUInt64();
        x0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        x1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        x2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        x3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Writes the blocks n, n + 4, n + 8 and n + 12, given the four rows of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        ref byte to, int block,
        Vector512<uint> row0, Vector512<uint> row1, Vector512<uint> row2, Vector512<uint> row3)
    {
        const byte even = 0b10_00_10_00, odd = 0b11_01_11_01;
        Vector512<uint> topEven = Avx512F.Shuffle4x128(row0, row1, even);
        Vector512<uint> topOdd = Avx512F.Shuffle4x128(row0, row1, odd);
        Vector512<uint> endEven = Avx512F.Shuffle4x128(row2, row3, even);
        Vector512<uint> endOdd = Avx512F.Shuffle4x128(row2, row3, odd);
        ref byte its = ref Unsafe.Add(ref to, block * Salsa20.BlockSize);
        const int four = 4 * Salsa20.BlockSize;
        Avx512F.Shuffle4x128(topEven, endEven, even).AsByte().StoreUnsafe(ref its);
        Avx512F.Shuffle4x128(topOdd, endOdd, even).AsByte().StoreUnsafe(ref its, four);
        Avx512F.Shuffle4x128(topEven, endEven, odd).AsByte().StoreUnsafe(ref its, 2 * four);
        Avx512F.Shuffle4x128(topOdd, endOdd, odd).AsByte().StoreUnsafe(ref its, 3 * four);
    }

    /// <summary>The words in which the blocks of a pass differ: both halves of the nonce, and the number.</summary>
    private struct Own
    {
        public Vector512<uint> X6, X7, X8;

        public void Fill(ulong nonce, ulong block, int blocksEach)
        {
            Vector512<uint> lanes = Vector512<uint>.Indices;
            X8 = Vector512.Create((uint)block) + (lanes & Vector512.Create((uint)blocksEach - 1));
            if (blocksEach == Lanes)
            {
                ulong its = BinaryPrimitives.ReverseEndianness(nonce);
                (X6, X7) = (Vector512.Create((uint)its), Vector512.Create((uint)(its >> 32)));
                return;
            }
            int shift = BitOperations.Log2((uint)blocksEach);
            Span<uint> low = MemoryMarshal.CreateSpan(ref Unsafe.As<Vector512<uint>, uint>(ref X6), Lanes);
            Span<uint> high = MemoryMarshal.CreateSpan(ref Unsafe.As<Vector512<uint>, uint>(ref X7), Lanes);
            for (int lane = 0; lane < Lanes; lane++)
            {
                ulong its = BinaryPrimitives.ReverseEndianness(nonce + (ulong)(lane >> shift));
                (low[lane], high[lane]) = ((uint)its, (uint)(its >> 32));
            }
        }
    }
}
