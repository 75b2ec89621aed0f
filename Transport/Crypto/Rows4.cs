using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>Rows of four blocks with AVX-512, which also has the rotation as one instruction.</summary>
readonly struct Rows4 : IRows<Vector512<uint>>
{
    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Same(Vector128<uint> row)
    {
        Vector256<uint> two = Vector256.Create(row, row);
        return Vector512.Create(two, two);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load(ref readonly Vector128<uint> rows) =>
        Unsafe.As<Vector128<uint>, Vector512<uint>>(ref Unsafe.AsRef(in rows));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> left, Vector512<uint> right) => Avx512F.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Mix(
        Vector512<uint> target, Vector512<uint> left, Vector512<uint> right, [ConstantExpected] byte bits) =>
        Avx512F.Xor(target, Avx512F.RotateLeft(Avx512F.Add(left, right), bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Turn(Vector512<uint> rows, [ConstantExpected] byte by) => by switch
    {
        1 => Avx512F.Shuffle(rows, 0b00_11_10_01),
        2 => Avx512F.Shuffle(rows, 0b01_00_11_10),
        _ => Avx512F.Shuffle(rows, 0b10_01_00_11),
    };

    /// <summary>0xCA is the truth table of "mask ? first : second".</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Choose(Vector512<uint> mask, Vector512<uint> first, Vector512<uint> second) =>
        Avx512F.TernaryLogic(mask, first, second, 0xCA);

    /// <summary>Quarter i of the four vectors together is block i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to, Vector512<uint> row0, Vector512<uint> row1, Vector512<uint> row2, Vector512<uint> row3)
    {
        const byte even = 0b10_00_10_00, odd = 0b11_01_11_01;
        Vector512<uint> topEven = Avx512F.Shuffle4x128(row0, row1, even);
        Vector512<uint> topOdd = Avx512F.Shuffle4x128(row0, row1, odd);
        Vector512<uint> endEven = Avx512F.Shuffle4x128(row2, row3, even);
        Vector512<uint> endOdd = Avx512F.Shuffle4x128(row2, row3, odd);
        Avx512F.Shuffle4x128(topEven, endEven, even).AsByte().StoreUnsafe(ref to);
        Avx512F.Shuffle4x128(topOdd, endOdd, even).AsByte().StoreUnsafe(ref to, 64);
        Avx512F.Shuffle4x128(topEven, endEven, odd).AsByte().StoreUnsafe(ref to, 128);
        Avx512F.Shuffle4x128(topOdd, endOdd, odd).AsByte().StoreUnsafe(ref to, 192);
    }
}
