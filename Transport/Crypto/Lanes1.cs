using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// One block at a time with plain integers: for key derivation, and what the vectors are compared with.
/// </summary>
readonly struct Lanes1 : ILanes<uint>
{
    public static int Count => 1;

    public static uint Same(uint word) => word;

    public static uint Each(ReadOnlySpan<uint> words) => words[0];

    public static uint Add(uint left, uint right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Mix(
        uint target, uint left, uint right, [ConstantExpected] byte bits) =>
        target ^ BitOperations.RotateLeft(left + right, bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(
        ref byte to,
        uint x0, uint x1, uint x2, uint x3, uint x4, uint x5, uint x6, uint x7,
        uint x8, uint x9, uint x10, uint x11, uint x12, uint x13, uint x14, uint x15)
    {
        Put(ref to, 0, x0, x1, x2, x3);
        Put(ref to, 16, x4, x5, x6, x7);
        Put(ref to, 32, x8, x9, x10, x11);
        Put(ref to, 48, x12, x13, x14, x15);
    }

    private static void Put(ref byte to, int offset, uint a, uint b, uint c, uint d)
    {
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, offset), a);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, offset + 4), b);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, offset + 8), c);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, offset + 12), d);
    }
}
