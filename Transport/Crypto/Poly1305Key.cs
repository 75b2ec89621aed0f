using System.Runtime.InteropServices;

namespace TriggerFs.Transport.Crypto;

/// <summary>
/// The 32 bytes that authenticate one message: r, of which some bits are cleared, and s; little-endian.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
readonly struct Poly1305Key
{
    public const int Size = 32;

    public readonly ulong R0, R1, S0, S1;

    public static Poly1305Key Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<Poly1305Key>(bytes);
}
