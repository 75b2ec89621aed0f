using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TriggerFs.Transport.Crypto;

/// <summary>A row of one block in 128 bits, which every x86-64 (SSE2) and arm64 (NEON) has.</summary>
readonly struct Rows1 : IRows<Vector128<uint>>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Same(Vector128<uint> row) => row;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load(ref readonly Vector128<uint> rows) => rows;

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
    public static Vector128<uint> Turn(Vector128<uint> rows, [ConstantExpected] byte by) => by switch
    {
        1 => Vector128.Shuffle(rows, Vector128.Create(1u, 2, 3, 0)),
        2 => Vector128.Shuffle(rows, Vector128.Create(2u, 3, 0, 1)),
        _ => Vector128.Shuffle(rows, Vector128.Create(3u, 0, 1, 2)),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Choose(Vector128<uint> mask, Vector128<uint> first, Vector128<uint> second) =>
        Vector128.ConditionalSelect(mask, first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to, Vector128<uint> row0, Vector128<uint> row1, Vector128<uint> row2, Vector128<uint> row3)
    {
        row0.AsByte().StoreUnsafe(ref to);
        row1.AsByte().StoreUnsafe(ref to, 16);
        row2.AsByte().StoreUnsafe(ref to, 32);
        row3.AsByte().StoreUnsafe(ref to, 48);
    }
}
