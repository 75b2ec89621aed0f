using System.Runtime.InteropServices;

namespace TriggerFs.Fs.Protocol;

/// <summary>struct fuse_attr.</summary>
[StructLayout(LayoutKind.Sequential)]
struct Attr
{
    public ulong Ino;
    public ulong Size;
    public ulong Blocks;
    public ulong Atime;
    public ulong Mtime;
    public ulong Ctime;
    public uint Atimensec;
    public uint Mtimensec;
    public uint Ctimensec;
    public uint Mode;
    public uint Nlink;
    public uint Uid;
    public uint Gid;
    public uint Rdev;
    public uint Blksize;
    public uint Flags;
}

/// <summary>struct fuse_entry_out: a name was found.</summary>
[StructLayout(LayoutKind.Sequential)]
struct EntryOut
{
    /// <summary>0 means that there is no such name, which the kernel may remember.</summary>
    public ulong Nodeid;
    public ulong Generation;

    /// <summary>How long the name may be remembered, in s.</summary>
    public ulong EntryValid;

    /// <summary>How long the attributes may be remembered, in s.</summary>
    public ulong AttrValid;
    public uint EntryValidNsec;
    public uint AttrValidNsec;
    public Attr Attr;
}

/// <summary>struct fuse_attr_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct AttrOut
{
    public ulong AttrValid;
    public uint AttrValidNsec;
    public uint Dummy;
    public Attr Attr;
}

/// <summary>struct fuse_getattr_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct GetattrIn
{
    public uint GetattrFlags;
    public uint Dummy;
    public ulong Fh;
}

/// <summary>struct fuse_setattr_in.</summary>
[StructLayout(LayoutKind.Sequential)]
struct SetattrIn
{
    public SetattrValid Valid;
    public uint Padding;
    public ulong Fh;
    public ulong Size;
    public ulong LockOwner;
    public ulong Atime;
    public ulong Mtime;
    public ulong Ctime;
    public uint Atimensec;
    public uint Mtimensec;
    public uint Ctimensec;
    public uint Mode;
    public uint Unused4;
    public uint Uid;
    public uint Gid;
    public uint Unused5;
}

/// <summary>struct fuse_kstatfs, which is all of fuse_statfs_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct Kstatfs
{
    public ulong Blocks;
    public ulong Bfree;
    public ulong Bavail;
    public ulong Files;
    public ulong Ffree;
    public uint Bsize;
    public uint Namelen;
    public uint Frsize;
    public uint Padding;
    public Spare6 Spare;
}

/// <summary>Six words that the kernel keeps for later.</summary>
[System.Runtime.CompilerServices.InlineArray(6)]
struct Spare6
{
    private uint _first;
}
