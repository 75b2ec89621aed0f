using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// Poly1305 over many blocks side by side: with n lanes, lane i sums the blocks i, i + n, i + 2n, … by powers of r^n,
/// and at the end each lane is multiplied by the power of r that its place in the message asks for.
/// </summary>
static class Poly1305Wide<TLimbs, TVector>
    where TLimbs : ILimbs<TVector>
    where TVector : struct
{
    private const ulong Mask = (1UL << 26) - 1;

    /// <summary>Bytes in a step.</summary>
    public static int StepSize => TLimbs.Count * Poly1305.TagSize;

    /// <summary>The sum of a message's first blocks; their bytes are a multiple of <see cref="StepSize"/>.</summary>
    [SkipLocalsInit]
    public static void Begin<TProduct>(scoped ref Poly1305Sum<TProduct> sum, ReadOnlySpan<byte> message)
        where TProduct : IProduct
    {
        Span<ulong> powers = stackalloc ulong[5 * TLimbs.Count];
        sum.Powers(powers, TLimbs.Count);
        TVector mask = TLimbs.Same(Mask), top = TLimbs.Same(1UL << 24);
        // The powers stand from the highest, r^n, down to r, each limb by itself.
        int n = TLimbs.Count;
        TVector r0 = TLimbs.Same(powers[0]), r1 = TLimbs.Same(powers[n]), r2 = TLimbs.Same(powers[2 * n]);
        TVector r3 = TLimbs.Same(powers[3 * n]), r4 = TLimbs.Same(powers[4 * n]);
        TVector s1 = Times5(r1), s2 = Times5(r2), s3 = Times5(r3), s4 = Times5(r4);

        ref byte at = ref MemoryMarshal.GetReference(message);
        Split(ref at, mask, top, out TVector h0, out TVector h1, out TVector h2, out TVector h3, out TVector h4);
        for (int left = message.Length - StepSize; left > 0; left -= StepSize)
        {
            at = ref Unsafe.Add(ref at, StepSize);
            Multiply(ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4, s1, s2, s3, s4);
            Carry(ref h0, ref h1, ref h2, ref h3, ref h4, mask);
            Split(ref at, mask, top, out TVector t0, out TVector t1, out TVector t2, out TVector t3, out TVector t4);
            h0 = TLimbs.Add(h0, t0);
            h1 = TLimbs.Add(h1, t1);
            h2 = TLimbs.Add(h2, t2);
            h3 = TLimbs.Add(h3, t3);
            h4 = TLimbs.Add(h4, t4);
        }
        r0 = TLimbs.Each(powers);
        r1 = TLimbs.Each(powers[n..]);
        r2 = TLimbs.Each(powers[(2 * n)..]);
        r3 = TLimbs.Each(powers[(3 * n)..]);
        r4 = TLimbs.Each(powers[(4 * n)..]);
        Multiply(
            ref h0, ref h1, ref h2, ref h3, ref h4, r0, r1, r2, r3, r4, Times5(r1), Times5(r2), Times5(r3), Times5(r4));
        sum.Join(TLimbs.Sum(h0), TLimbs.Sum(h1), TLimbs.Sum(h2), TLimbs.Sum(h3), TLimbs.Sum(h4));
    }

    /// <summary>Blocks in limbs of 26 bits, each with its 1 bit at 2^128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(
        ref byte at, TVector mask, TVector top,
        out TVector t0, out TVector t1, out TVector t2, out TVector t3, out TVector t4)
    {
        TLimbs.LoadBlocks(in at, out TVector low, out TVector high);
        t0 = TLimbs.And(low, mask);
        t1 = TLimbs.And(TLimbs.Right(low, 26), mask);
        t2 = TLimbs.And(TLimbs.Or(TLimbs.Right(low, 52), TLimbs.Left(high, 12)), mask);
        t3 = TLimbs.And(TLimbs.Right(high, 14), mask);
        t4 = TLimbs.Or(TLimbs.Right(high, 40), top);
    }

    /// <summary>
    /// h × r: what reaches 2^130 comes back times five, as s. Sums of five products of 28 and 29 bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(
        ref TVector h0, ref TVector h1, ref TVector h2, ref TVector h3, ref TVector h4,
        TVector r0, TVector r1, TVector r2, TVector r3, TVector r4,
        TVector s1, TVector s2, TVector s3, TVector s4)
    {
        TVector d0 = Sum(h0, r0, h1, s4, h2, s3, h3, s2, h4, s1);
        TVector d1 = Sum(h0, r1, h1, r0, h2, s4, h3, s3, h4, s2);
        TVector d2 = Sum(h0, r2, h1, r1, h2, r0, h3, s4, h4, s3);
        TVector d3 = Sum(h0, r3, h1, r2, h2, r1, h3, r0, h4, s4);
        h4 = Sum(h0, r4, h1, r3, h2, r2, h3, r1, h4, r0);
        h0 = d0;
        h1 = d1;
        h2 = d2;
        h3 = d3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Sum(
        TVector a, TVector p, TVector b, TVector q, TVector c, TVector r, TVector d, TVector s, TVector e, TVector t) =>
        TLimbs.Add(
            TLimbs.Add(TLimbs.Add(TLimbs.Multiply(a, p), TLimbs.Multiply(b, q)), TLimbs.Multiply(c, r)),
            TLimbs.Add(TLimbs.Multiply(d, s), TLimbs.Multiply(e, t)));

    /// <summary>
    /// Makes limbs of little more than 26 bits again; two chains at once, so that neither is waited for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Carry(
        ref TVector h0, ref TVector h1, ref TVector h2, ref TVector h3, ref TVector h4, TVector mask)
    {
        h1 = TLimbs.Add(h1, TLimbs.Right(h0, 26));
        h4 = TLimbs.Add(h4, TLimbs.Right(h3, 26));
        h0 = TLimbs.And(h0, mask);
        h3 = TLimbs.And(h3, mask);
        h2 = TLimbs.Add(h2, TLimbs.Right(h1, 26));
        h0 = TLimbs.Add(h0, Times5(TLimbs.Right(h4, 26)));
        h1 = TLimbs.And(h1, mask);
        h4 = TLimbs.And(h4, mask);
        h3 = TLimbs.Add(h3, TLimbs.Right(h2, 26));
        h1 = TLimbs.Add(h1, TLimbs.Right(h0, 26));
        h2 = TLimbs.And(h2, mask);
        h0 = TLimbs.And(h0, mask);
        h4 = TLimbs.Add(h4, TLimbs.Right(h3, 26));
        h3 = TLimbs.And(h3, mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Times5(TVector value) => TLimbs.Add(value, TLimbs.Left(value, 2));
}
