using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace TriggerFs.Transport.Crypto;

/// <summary>How the upper half of a product of 64 × 64 bits is had; the lower half is the plain product.</summary>
interface IProduct
{
    static abstract ulong High(ulong left, ulong right);
}

/// <summary>
/// With BMI2's MULX. It is named because <see cref="Math.BigMul(ulong, ulong, out ulong)"/> would ask the CPU at each
/// product, in a native binary for an older baseline, and hands the lower half over through memory.
/// </summary>
readonly struct MulxProduct : IProduct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong High(ulong left, ulong right) => Bmi2.X64.MultiplyNoFlags(left, right);
}

/// <summary>As the machine does it: one instruction on arm64.</summary>
readonly struct PlainProduct : IProduct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong High(ulong left, ulong right) => Math.BigMul(left, right, out _);
}
