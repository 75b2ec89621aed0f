using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>Four blocks at once with AVX2, in the lanes 0, 2, 1, 3.</summary>
readonly struct Limbs4 : ILimbs<Vector256<ulong>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Same(ulong value) => Vector256.Create(value);

    public static Vector256<ulong> Each(ReadOnlySpan<ulong> valueOfBlock) =>
        Vector256.Create(valueOfBlock[0], valueOfBlock[2], valueOfBlock[1], valueOfBlock[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlocks(ref readonly byte at, out Vector256<ulong> low, out Vector256<ulong> high)
    {
        Vector256<ulong> first = Vector256.LoadUnsafe(in at).AsUInt64();
        Vector256<ulong> second = Vector256.LoadUnsafe(in at, 32).AsUInt64();
        low = Avx2.UnpackLow(first, second);
        high = Avx2.UnpackHigh(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Add(Vector256<ulong> left, Vector256<ulong> right) => Avx2.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> And(Vector256<ulong> left, Vector256<ulong> right) => Avx2.And(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Or(Vector256<ulong> left, Vector256<ulong> right) => Avx2.Or(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Left(Vector256<ulong> value, [ConstantExpected] byte bits) =>
        Avx2.ShiftLeftLogical(value, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Right(Vector256<ulong> value, [ConstantExpected] byte bits) =>
        Avx2.ShiftRightLogical(value, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ulong> Multiply(Vector256<ulong> left, Vector256<ulong> right) =>
        Avx2.Multiply(left.AsUInt32(), right.AsUInt32());

    public static ulong Sum(Vector256<ulong> value) => value[0] + value[1] + value[2] + value[3];
}
