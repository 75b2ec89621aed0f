using System.Runtime.InteropServices;

namespace TriggerFs.Fs.Protocol;

/// <summary>struct fuse_getxattr_in, of GETXATTR (followed by a name) and LISTXATTR.</summary>
[StructLayout(LayoutKind.Sequential)]
struct GetxattrIn
{
    /// <summary>Bytes that the caller has room for; 0 asks how many there are.</summary>
    public uint Size;
    public uint Padding;
}

/// <summary>struct fuse_getxattr_out: how many bytes there are.</summary>
[StructLayout(LayoutKind.Sequential)]
struct GetxattrOut
{
    public uint Size;
    public uint Padding;
}

/// <summary>
/// struct fuse_setxattr_in as long as it is without FUSE_SETXATTR_EXT (FUSE_COMPAT_SETXATTR_IN_SIZE), followed by a
/// name and the value.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
struct SetxattrIn
{
    public uint Size;
    public uint Flags;
}
