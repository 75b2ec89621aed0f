using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// A piece of memory that does not move, with the part of it that is in use. Owned by one queue at a time.
/// </summary>
sealed unsafe class Chunk(int capacity, int sizeClass)
{
    public readonly byte[] Bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);

    /// <summary>Its place in the pool; -1 for one that is too large to be kept.</summary>
    public readonly int SizeClass = sizeClass;

    public int Start;
    public int End;
    public Chunk? Next;

    public int Length => End - Start;

    public int Room => Bytes.Length - End;

    public Span<byte> Used => Bytes.AsSpan(Start, Length);

    /// <summary>The array is pinned for as long as it lives.</summary>
    public byte* Pointer => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Bytes));
}
