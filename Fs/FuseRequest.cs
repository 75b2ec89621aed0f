using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs;

/// <summary>
/// One request of the kernel: its header, and the bytes behind it, whose fixed part was checked to be there.
/// </summary>
readonly ref struct FuseRequest
{
    public FuseRequest(ReadOnlySpan<byte> bytes)
    {
        Header = MemoryMarshal.Read<InHeader>(bytes);
        int extensions = Header.TotalExtlen * 8;
        ReadOnlySpan<byte> body = bytes[Unsafe.SizeOf<InHeader>()..];
        Body = extensions <= body.Length ? body[..^extensions] : [];
    }

    public InHeader Header { get; }

    /// <summary>What is behind the header, without the extensions (7.38), which we ask for none of.</summary>
    public ReadOnlySpan<byte> Body { get; }

    public ulong Nodeid => Header.Nodeid;

    public ulong Unique => Header.Unique;

    /// <summary>The struct at the body's beginning.</summary>
    public T Fixed<T>() where T : unmanaged => MemoryMarshal.Read<T>(Body);

    /// <summary>The name behind a struct, without its NUL; false when there is no NUL.</summary>
    public bool TryName(int at, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (at > Body.Length) return false;
        ReadOnlySpan<byte> rest = Body[at..];
        int end = rest.IndexOf((byte)0);
        if (end < 0) return false;
        name = rest[..end];
        return true;
    }
}
