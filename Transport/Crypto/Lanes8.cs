using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// Eight blocks at once with AVX2. The instructions are named, not left to <see cref="Vector256"/>: a native binary for
/// an old baseline can then still choose them when it runs.
/// </summary>
readonly struct Lanes8 : ILanes<Vector256<uint>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Same(uint word) =>
        Avx2.BroadcastScalarToVector256(Vector128.CreateScalarUnsafe(word));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Each(ReadOnlySpan<uint> words) => Vector256.Create(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> left, Vector256<uint> right) => Avx2.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Mix(
        Vector256<uint> target, Vector256<uint> left, Vector256<uint> right, [ConstantExpected] byte bits)
    {
        Vector256<uint> sum = Avx2.Add(left, right);
        Vector256<uint> part = Avx2.Xor(target, Avx2.ShiftLeftLogical(sum, bits));
#pragma warning disable CA1857 // It is a constant once this is inlined, which is always.
        return Avx2.Xor(part, Avx2.ShiftRightLogical(sum, (byte)(32 - bits)));
#pragma warning restore CA1857
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to,
        Vector256<uint> x0, Vector256<uint> x1, Vector256<uint> x2, Vector256<uint> x3,
        Vector256<uint> x4, Vector256<uint> x5, Vector256<uint> x6, Vector256<uint> x7,
        Vector256<uint> x8, Vector256<uint> x9, Vector256<uint> x10, Vector256<uint> x11,
        Vector256<uint> x12, Vector256<uint> x13, Vector256<uint> x14, Vector256<uint> x15)
    {
        Turn(x0, x1, x2, x3, out x0, out x1, out x2, out x3);
        Turn(x4, x5, x6, x7, out x4, out x5, out x6, out x7);
        Turn(x8, x9, x10, x11, out x8, out x9, out x10, out x11);
        Turn(x12, x13, x14, x15, out x12, out x13, out x14, out x15);
        Put(ref to, 0, x0, x4, x8, x12);
        Put(ref to, 64, x1, x5, x9, x13);
        Put(ref to, 128, x2, x6, x10, x14);
        Put(ref to, 192, x3, x7, x11, x15);
    }

    /// <summary>Within each half: four words of four blocks become four blocks' worth of four words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d,
        out Vector256<uint> p, out Vector256<uint> q, out Vector256<uint> r, out Vector256<uint> s)
    {
        Vector256<ulong> abLow = Avx2.UnpackLow(a, b).AsUInt64(), cdLow = Avx2.UnpackLow(c, d).AsUInt64();
        Vector256<ulong> abHigh = Avx2.UnpackHigh(a, b).AsUInt64(), cdHigh = Avx2.UnpackHigh(c, d).AsUInt64();
        p = Avx2.UnpackLow(abLow, cdLow).AsUInt32();
        q = Avx2.UnpackHigh(abLow, cdLow).AsUInt32();
        r = Avx2.UnpackLow(abHigh, cdHigh).AsUInt32();
        s = Avx2.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    /// <summary>The lower halves are one block, the upper ones the block four further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(
        ref byte to, nuint offset, Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d)
    {
        Avx2.Permute2x128(a, b, 0x20).AsByte().StoreUnsafe(ref to, offset);
        Avx2.Permute2x128(c, d, 0x20).AsByte().StoreUnsafe(ref to, offset + 32);
        Avx2.Permute2x128(a, b, 0x31).AsByte().StoreUnsafe(ref to, offset + 256);
        Avx2.Permute2x128(c, d, 0x31).AsByte().StoreUnsafe(ref to, offset + 288);
    }
}
