using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>Eight blocks at once with AVX-512, in the lanes 0, 4, 1, 5, 2, 6, 3, 7.</summary>
readonly struct Limbs8 : ILimbs<Vector512<ulong>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Same(ulong value) => Vector512.Create(value);

    public static Vector512<ulong> Each(ReadOnlySpan<ulong> valueOfBlock) => Vector512.Create(
        valueOfBlock[0], valueOfBlock[4], valueOfBlock[1], valueOfBlock[5],
        valueOfBlock[2], valueOfBlock[6], valueOfBlock[3], valueOfBlock[7]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadBlocks(ref readonly byte at, out Vector512<ulong> low, out Vector512<ulong> high)
    {
        Vector512<ulong> first = Vector512.LoadUnsafe(in at).AsUInt64();
        Vector512<ulong> second = Vector512.LoadUnsafe(in at, 64).AsUInt64();
        low = Avx512F.UnpackLow(first, second);
        high = Avx512F.UnpackHigh(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Add(Vector512<ulong> left, Vector512<ulong> right) => Avx512F.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> And(Vector512<ulong> left, Vector512<ulong> right) => Avx512F.And(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Or(Vector512<ulong> left, Vector512<ulong> right) => Avx512F.Or(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Left(Vector512<ulong> value, [ConstantExpected] byte bits) =>
        Avx512F.ShiftLeftLogical(value, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Right(Vector512<ulong> value, [ConstantExpected] byte bits) =>
        Avx512F.ShiftRightLogical(value, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Multiply(Vector512<ulong> left, Vector512<ulong> right) =>
        Avx512F.Multiply(left.AsUInt32(), right.AsUInt32());

    public static ulong Sum(Vector512<ulong> value)
    {
        ulong sum = 0;
        for (int lane = 0; lane < Count; lane++) sum += value[lane];
        return sum;
    }
}
