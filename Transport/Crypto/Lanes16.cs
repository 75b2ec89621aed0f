using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>Sixteen blocks at once with AVX-512, which also has the rotation as one instruction.</summary>
readonly struct Lanes16 : ILanes<Vector512<uint>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Same(uint word) =>
        Avx512F.BroadcastScalarToVector512(Vector128.CreateScalarUnsafe(word));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Each(ReadOnlySpan<uint> words) => Vector512.Create(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> left, Vector512<uint> right) => Avx512F.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Mix(
        Vector512<uint> target, Vector512<uint> left, Vector512<uint> right, [ConstantExpected] byte bits) =>
        Avx512F.Xor(target, Avx512F.RotateLeft(Avx512F.Add(left, right), bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to,
        Vector512<uint> x0, Vector512<uint> x1, Vector512<uint> x2, Vector512<uint> x3,
        Vector512<uint> x4, Vector512<uint> x5, Vector512<uint> x6, Vector512<uint> x7,
        Vector512<uint> x8, Vector512<uint> x9, Vector512<uint> x10, Vector512<uint> x11,
        Vector512<uint> x12, Vector512<uint> x13, Vector512<uint> x14, Vector512<uint> x15)
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

    /// <summary>Within each quarter: four words of four blocks become four blocks' worth of four words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Turn(
        Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d,
        out Vector512<uint> p, out Vector512<uint> q, out Vector512<uint> r, out Vector512<uint> s)
    {
        Vector512<ulong> abLow = Avx512F.UnpackLow(a, b).AsUInt64(), cdLow = Avx512F.UnpackLow(c, d).AsUInt64();
        Vector512<ulong> abHigh = Avx512F.UnpackHigh(a, b).AsUInt64(), cdHigh = Avx512F.UnpackHigh(c, d).AsUInt64();
        p = Avx512F.UnpackLow(abLow, cdLow).AsUInt32();
        q = Avx512F.UnpackHigh(abLow, cdLow).AsUInt32();
        r = Avx512F.UnpackLow(abHigh, cdHigh).AsUInt32();
        s = Avx512F.UnpackHigh(abHigh, cdHigh).AsUInt32();
    }

    /// <summary>Quarter i of the four vectors together is the block 4 × i further on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(
        ref byte to, nuint offset, Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d)
    {
        const byte even = 0x88, odd = 0xDD;
        Vector512<uint> abEven = Avx512F.Shuffle4x128(a, b, even), cdEven = Avx512F.Shuffle4x128(c, d, even);
        Vector512<uint> abOdd = Avx512F.Shuffle4x128(a, b, odd), cdOdd = Avx512F.Shuffle4x128(c, d, odd);
        Avx512F.Shuffle4x128(abEven, cdEven, even).AsByte().StoreUnsafe(ref to, offset);
        Avx512F.Shuffle4x128(abOdd, cdOdd, even).AsByte().StoreUnsafe(ref to, offset + 256);
        Avx512F.Shuffle4x128(abEven, cdEven, odd).AsByte().StoreUnsafe(ref to, offset + 512);
        Avx512F.Shuffle4x128(abOdd, cdOdd, odd).AsByte().StoreUnsafe(ref to, offset + 768);
    }
}
