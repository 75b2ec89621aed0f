using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TriggerFs.Transport.Crypto;

/// <summary>The running sum of Poly1305: a number below about 2^131 in limbs of 64, 64 and few bits.</summary>
/// <typeparam name="TProduct">How products are had on this CPU.</typeparam>
ref struct Poly1305Sum<TProduct> where TProduct : IProduct
{
    private readonly ulong _r0, _r1;
    private ulong _h0, _h1, _h2;

    public Poly1305Sum(in Poly1305Key key)
    {
        _r0 = key.R0 & 0x0FFF_FFFC_0FFF_FFFF;
        _r1 = key.R1 & 0x0FFF_FFFC_0FFF_FFFC;
    }

    /// <summary>Adds all whole blocks of 16 bytes.</summary>
    public void AddBlocks(ReadOnlySpan<byte> message)
    {
        Poly1305Sum<TProduct> sum = this; // In registers: the loop writes no memory.
        ref byte at = ref MemoryMarshal.GetReference(message);
        for (int left = message.Length; left >= 16; left -= 16)
        {
            ulong low = Unsafe.ReadUnaligned<ulong>(ref at);
            sum.Add(low, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 8)), top: 1);
            at = ref Unsafe.Add(ref at, 16);
        }
        this = sum;
    }

    /// <summary>Adds one block, with <paramref name="top"/> at 2^128, and multiplies by r modulo 2^130 - 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong low, ulong high, ulong top)
    {
        ulong h0 = _h0 + low;
        ulong carry = h0 < low ? 1UL : 0;
        ulong h1 = _h1 + high;
        ulong carryHigh = h1 < high ? 1UL : 0;
        h1 += carry;
        carryHigh += h1 < carry ? 1UL : 0;
        ulong h2 = _h2 + carryHigh + top;

        // r1 is a multiple of 4, so 2^128 × r1 = 5/4 × r1 modulo 2^130 - 5: that is s1.
        ulong s1 = _r1 + (_r1 >> 2);
        ulong h1s1 = h1 * s1, h1r0 = h1 * _r0;
        ulong d0 = (h0 * _r0) + h1s1;
        ulong d0High = TProduct.High(h0, _r0) + TProduct.High(h1, s1) + (d0 < h1s1 ? 1UL : 0);
        ulong d1 = (h0 * _r1) + h1r0;
        ulong d1High = TProduct.High(h0, _r1) + TProduct.High(h1, _r0) + (d1 < h1r0 ? 1UL : 0);
        ulong e = h2 * s1;
        d1 += e;
        d1High += d1 < e ? 1UL : 0;
        d1 += d0High;
        d1High += d1 < d0High ? 1UL : 0;
        h2 = (h2 * _r0) + d1High;

        // What lies above 2^130 comes back times five.
        ulong over = (h2 >> 2) + (h2 & ~3UL);
        _h0 = d0 + over;
        ulong more = _h0 < over ? 1UL : 0;
        _h1 = d1 + more;
        _h2 = (h2 & 3) + (_h1 < more ? 1UL : 0);
    }

    /// <summary>
    /// The powers r^count, …, r^2, r in five limbs of 26 bits: first all powers' lowest limbs, then the next ones.
    /// </summary>
    public readonly void Powers(Span<ulong> limbs, int count)
    {
        const ulong mask = (1UL << 26) - 1;
        Poly1305Sum<TProduct> power = this;
        (power._h0, power._h1, power._h2) = (_r0, _r1, 0);
        for (int at = count - 1; at >= 0; at--)
        {
            limbs[at] = power._h0 & mask;
            limbs[at + count] = (power._h0 >> 26) & mask;
            limbs[at + (2 * count)] = ((power._h0 >> 52) | (power._h1 << 12)) & mask;
            limbs[at + (3 * count)] = (power._h1 >> 14) & mask;
            limbs[at + (4 * count)] = (power._h1 >> 40) | (power._h2 << 24);
            power.Add(0, 0, 0);
        }
    }

    /// <summary>Takes over a sum in five limbs of 26 bits with what they carry, each below 2^62.</summary>
    public void Join(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        const ulong mask = (1UL << 26) - 1;
        for (int pass = 0; pass < 2; pass++)
        {
            l1 += l0 >> 26;
            l2 += l1 >> 26;
            l3 += l2 >> 26;
            l4 += l3 >> 26;
            l0 = (l0 & mask) + ((l4 >> 26) * 5);
            (l1, l2, l3, l4) = (l1 & mask, l2 & mask, l3 & mask, l4 & mask);
        }
        l1 += l0 >> 26;
        l0 &= mask;
        ulong low = l0 + (l1 << 26);
        _h0 = low + (l2 << 52);
        ulong carry = _h0 < low ? 1UL : 0;
        _h1 = (l2 >> 12) + (l3 << 14) + (l4 << 40) + carry;
        _h2 = (l4 >> 24) + (_h1 < carry ? 1UL : 0);
    }

    /// <summary>Reduces fully and adds the second half of the key: the tag.</summary>
    public readonly UInt128 Finish(in Poly1305Key key)
    {
        // If h + 5 reaches 2^130, then h is at least 2^130 - 5: h + 5 is the answer. Chosen by a mask, not by a branch.
        ulong g0 = _h0 + 5;
        ulong carry = g0 < 5 ? 1UL : 0;
        ulong g1 = _h1 + carry;
        carry = g1 < carry ? 1UL : 0;
        ulong reached = 0UL - (((_h2 + carry) >> 2) & 1);
        ulong h0 = (_h0 & ~reached) | (g0 & reached);
        ulong h1 = (_h1 & ~reached) | (g1 & reached);
        h0 += key.S0;
        h1 += key.S1 + (h0 < key.S0 ? 1UL : 0);
        return new UInt128(h1, h0);
    }
}
