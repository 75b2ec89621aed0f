using System.Runtime.InteropServices;

namespace TriggerFs.Fs.Protocol;

// The structs of linux/fuse.h under the kernel's names, in host byte order. Every one is padded to 64 bits, so that the
// layout is the same on x64 and arm64; StructTests holds the sizes.

/// <summary>struct fuse_in_header: before every request.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InHeader
{
    public uint Len;
    public Opcode Opcode;
    public ulong Unique;
    public ulong Nodeid;
    public uint Uid;
    public uint Gid;
    public uint Pid;

    /// <summary>Length of the extensions behind the body, in units of 8 bytes (7.38).</summary>
    public ushort TotalExtlen;
    public ushort Padding;
}

/// <summary>
/// struct fuse_out_header: before every reply (error 0 or -errno) and notification (unique 0, error = code).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
struct OutHeader
{
    public uint Len;
    public int Error;
    public ulong Unique;
}

/// <summary>struct fuse_init_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InitIn
{
    public uint Major;
    public uint Minor;
    public uint MaxReadahead;
    public uint Flags;

    /// <summary>Only with INIT_EXT; kernels before 7.36 send no more than the fields above.</summary>
    public uint Flags2;
    public Unused11 Unused;
}

/// <summary>Eleven words that the kernel keeps for later.</summary>
[System.Runtime.CompilerServices.InlineArray(11)]
struct Unused11
{
    private uint _first;
}

/// <summary>struct fuse_init_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InitOut
{
    public uint Major;
    public uint Minor;
    public uint MaxReadahead;
    public uint Flags;
    public ushort MaxBackground;
    public ushort CongestionThreshold;
    public uint MaxWrite;

    /// <summary>Granularity of our times, in ns.</summary>
    public uint TimeGran;
    public ushort MaxPages;
    public ushort MapAlignment;
    public uint Flags2;
    public uint MaxStackDepth;
    public ushort RequestTimeout;
    public Unused11Halves Unused;
}

/// <summary>Eleven half words that the kernel keeps for later.</summary>
[System.Runtime.CompilerServices.InlineArray(11)]
struct Unused11Halves
{
    private ushort _first;
}

/// <summary>struct fuse_interrupt_in: the unique of the request whose caller was hit by a signal.</summary>
[StructLayout(LayoutKind.Sequential)]
struct InterruptIn
{
    public ulong Unique;
}
