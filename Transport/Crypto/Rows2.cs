using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// Rows of two blocks with AVX2. The instructions are named, not left to <see cref="Vector256"/>: a native binary for
/// an older baseline can then still choose them when it runs.
/// </summary>
readonly struct Rows2 : IRows<Vector256<uint>>
{
    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Same(Vector128<uint> row) => Vector256.Create(row, row);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load(ref readonly Vector128<uint> rows) =>
        Unsafe.As<Vector128<uint>, Vector256<uint>>(ref Unsafe.AsRef(in rows));

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
    public static Vector256<uint> Turn(Vector256<uint> rows, [ConstantExpected] byte by) => by switch
    {
        1 => Avx2.Shuffle(rows, 0b00_11_10_01),
        2 => Avx2.Shuffle(rows, 0b01_00_11_10),
        _ => Avx2.Shuffle(rows, 0b10_01_00_11),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Choose(Vector256<uint> mask, Vector256<uint> first, Vector256<uint> second) =>
        Avx2.BlendVariable(second, first, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to, Vector256<uint> row0, Vector256<uint> row1, Vector256<uint> row2, Vector256<uint> row3)
    {
        Avx2.Permute2x128(row0, row1, 0x20).AsByte().StoreUnsafe(ref to);
        Avx2.Permute2x128(row2, row3, 0x20).AsByte().StoreUnsafe(ref to, 32);
        Avx2.Permute2x128(row0, row1, 0x31).AsByte().StoreUnsafe(ref to, 64);
        Avx2.Permute2x128(row2, row3, 0x31).AsByte().StoreUnsafe(ref to, 96);
    }
}
