using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// Salsa20's stream for one message, taken piece by piece: first what was made already, then pass by pass.
/// </summary>
ref struct KeyStream
{
    private readonly ReadOnlySpan<uint> _key;
    private readonly Span<byte> _room;
    private readonly ulong _nonce;
    private readonly int _lanes;
    private ReadOnlySpan<byte> _made;
    private ulong _block;

    /// <summary>A stream of which some blocks are there.</summary>
    /// <param name="made">The part of the blocks 0 to <paramref name="block"/> - 1 that is still to be used.</param>
    /// <param name="block">The first block that is not there.</param>
    /// <param name="room">Where further blocks are made: lanes × 64 bytes; may be where <paramref name="made"/>
    /// is.</param>
    public KeyStream(
        int lanes, ReadOnlySpan<uint> key, ulong nonce, ReadOnlySpan<byte> made, ulong block, Span<byte> room)
    {
        _lanes = lanes;
        _key = key;
        _nonce = nonce;
        _made = made;
        _block = block;
        _room = room;
    }

    /// <summary>Encrypts or decrypts the next bytes. Both spans may be the same memory, or wholly apart.</summary>
    public void Apply(ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (to.Length < from.Length) throw new ArgumentException("too short", nameof(to));
        while (from.Length > _made.Length)
        {
            int part = _made.Length;
            Xor(from, _made, to, part);
            from = from[part..];
            to = to[part..];
            Salsa20.Blocks(_lanes, _key, _nonce, _block, _lanes, _room);
            _made = _room[..(_lanes * Salsa20.BlockSize)];
            _block += (ulong)_lanes;
        }
        Xor(from, _made, to, from.Length);
        _made = _made[from.Length..];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Xor(ReadOnlySpan<byte> text, ReadOnlySpan<byte> made, Span<byte> target, int length)
    {
        ref byte from = ref MemoryMarshal.GetReference(text), stream = ref MemoryMarshal.GetReference(made);
        ref byte to = ref MemoryMarshal.GetReference(target);
        nuint at = 0, end = (nuint)length;
        for (; Vector512.IsHardwareAccelerated && end - at >= 64; at += 64)
        {
            Vector512<byte> whole = Vector512.LoadUnsafe(ref from, at) ^ Vector512.LoadUnsafe(ref stream, at);
            whole.StoreUnsafe(ref to, at);
        }
        for (; end - at >= 32; at += 32)
        {
            Vector128<byte> first = Vector128.LoadUnsafe(ref from, at);
            Vector128<byte> second = Vector128.LoadUnsafe(ref from, at + 16);
            first ^= Vector128.LoadUnsafe(ref stream, at);
            second ^= Vector128.LoadUnsafe(ref stream, at + 16);
            first.StoreUnsafe(ref to, at);
            second.StoreUnsafe(ref to, at + 16);
        }
        for (; end - at >= 8; at += 8)
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref from, at));
            word ^= Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref stream, at));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, at), word);
        }
        for (; at < end; at++)
            Unsafe.Add(ref to, at) = (byte)(Unsafe.Add(ref from, at) ^ Unsafe.Add(ref stream, at));
    }
}
