using System.Runtime.InteropServices;

namespace TriggerFs.Fs.Protocol;

/// <summary>struct fuse_open_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct OpenIn
{
    public uint Flags;
    public uint OpenFlags;
}

/// <summary>struct fuse_open_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct OpenOut
{
    public ulong Fh;
    public FopenFlags OpenFlags;
    public uint Padding;
}

/// <summary>struct fuse_release_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ReleaseIn
{
    public ulong Fh;
    public uint Flags;
    public uint ReleaseFlags;
    public ulong LockOwner;
}

/// <summary>struct fuse_flush_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct FlushIn
{
    public ulong Fh;
    public uint Unused;
    public uint Padding;
    public ulong LockOwner;
}

/// <summary>struct fuse_fsync_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct FsyncIn
{
    public ulong Fh;
    public uint FsyncFlags;
    public uint Padding;
}

/// <summary>struct fuse_read_in, of READ, READDIR and READDIRPLUS.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ReadIn
{
    public ulong Fh;
    public ulong Offset;
    public uint Size;
    public uint ReadFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}

/// <summary>struct fuse_write_in, followed by the bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct WriteIn
{
    public ulong Fh;
    public ulong Offset;
    public uint Size;
    public uint WriteFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}

/// <summary>struct fuse_write_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct WriteOut
{
    public uint Size;
    public uint Padding;
}

/// <summary>struct fuse_lseek_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct LseekIn
{
    public ulong Fh;
    public ulong Offset;
    public uint Whence;
    public uint Padding;
}

/// <summary>struct fuse_lseek_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct LseekOut
{
    public ulong Offset;
}

/// <summary>struct fuse_poll_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct PollIn
{
    public ulong Fh;

    /// <summary>The kernel's own handle, by which a wake-up names the poll.</summary>
    public ulong Kh;
    public uint Flags;
    public uint Events;
}

/// <summary>struct fuse_poll_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct PollOut
{
    public uint Revents;
    public uint Padding;
}
