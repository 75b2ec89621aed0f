using System.Runtime.InteropServices;

namespace TriggerFs.Fs.Protocol;

/// <summary>struct fuse_forget_in: lookups that the kernel takes back.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ForgetIn
{
    public ulong Nlookup;
}

/// <summary>struct fuse_batch_forget_in: followed by so many <see cref="ForgetOne"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct BatchForgetIn
{
    public uint Count;
    public uint Dummy;
}

/// <summary>struct fuse_forget_one.</summary>
[StructLayout(LayoutKind.Sequential)]
struct ForgetOne
{
    public ulong Nodeid;
    public ulong Nlookup;
}

/// <summary>struct fuse_mknod_in, followed by a name.</summary>
[StructLayout(LayoutKind.Sequential)]
struct MknodIn
{
    public uint Mode;
    public uint Rdev;
    public uint Umask;
    public uint Padding;
}

/// <summary>struct fuse_mkdir_in, followed by a name.</summary>
[StructLayout(LayoutKind.Sequential)]
struct MkdirIn
{
    public uint Mode;
    public uint Umask;
}

/// <summary>struct fuse_rename_in, followed by the old and the new name.</summary>
[StructLayout(LayoutKind.Sequential)]
struct RenameIn
{
    public ulong Newdir;
}

/// <summary>struct fuse_rename2_in, followed by the old and the new name.</summary>
[StructLayout(LayoutKind.Sequential)]
struct Rename2In
{
    public ulong Newdir;
    public uint Flags;
    public uint Padding;
}

/// <summary>struct fuse_link_in, followed by a name.</summary>
[StructLayout(LayoutKind.Sequential)]
struct LinkIn
{
    public ulong Oldnodeid;
}

/// <summary>struct fuse_create_in, followed by a name.</summary>
[StructLayout(LayoutKind.Sequential)]
struct CreateIn
{
    public uint Flags;
    public uint Mode;
    public uint Umask;
    public uint OpenFlags;
}

/// <summary>struct fuse_dirent, followed by the name, padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct Dirent
{
    public ulong Ino;

    /// <summary>Where the next READDIR goes on.</summary>
    public ulong Off;
    public uint Namelen;
    public uint Type;
}
