using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>Four blocks at once in 128 bits, which every x86-64 (SSE2) and arm64 (NEON) has.</summary>
readonly struct Lanes4 : ILanes<Vector128<uint>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Same(uint word) => Vector128.Create(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Each(ReadOnlySpan<uint> words) => Vector128.Create(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> left, Vector128<uint> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Mix(
        Vector128<uint> target, Vector128<uint> left, Vector128<uint> right, [ConstantExpected] byte bits)
    {
        Vector128<uint> sum = left + right;
        return target ^ (sum << bits) ^ (sum >>> (32 - bits));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to,
        Vector128<uint> x0, Vector128<uint> x1, Vector128<uint> x2, Vector128<uint> x3,
        Vector128<uint> x4, Vector128<uint> x5, Vector128<uint> x6, Vector128<uint> x7,
        Vector128<uint> x8, Vector128<uint> x9, Vector128<uint> x10, Vector128<uint> x11,
        Vector128<uint> x12, Vector128<uint> x13, Vector128<uint> x14, Vector128<uint> x15)
    {
        Put(ref to, 0, x0, x1, x2, x3);
        Put(ref to, 16, x4, x5, x6, x7);
        Put(ref to, 32, x8, x9, x10, x11);
        Put(ref to, 48, x12, x13, x14, x15);
    }

    /// <summary>Four words of four blocks: lane i of each goes to block i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(
        ref byte to, int offset, Vector128<uint> a, Vector128<uint> b, Vector128<uint> c, Vector128<uint> d)
    {
        Vector128<ulong> abLow = Low(a, b).AsUInt64(), cdLow = Low(c, d).AsUInt64();
        Vector128<ulong> abHigh = High(a, b).AsUInt64(), cdHigh = High(c, d).AsUInt64();
        Vector128.Create(abLow.GetLower(), cdLow.GetLower()).AsByte().StoreUnsafe(ref to, (nuint)offset);
        Vector128.Create(abLow.GetUpper(), cdLow.GetUpper()).AsByte().StoreUnsafe(ref to, (nuint)offset + 64);
        Vector128.Create(abHigh.GetLower(), cdHigh.GetLower()).AsByte().StoreUnsafe(ref to, (nuint)offset + 128);
        Vector128.Create(abHigh.GetUpper(), cdHigh.GetUpper()).AsByte().StoreUnsafe(ref to, (nuint)offset + 192);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Low(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> High(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);
}
