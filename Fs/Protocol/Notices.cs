using System.Runtime.InteropServices;

namespace TriggerFs.Fs.Protocol;

/// <summary>
/// struct fuse_notify_inval_inode_out: forget attributes, and with an offset of at least 0 cached bytes, too.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyInvalInodeOut
{
    public ulong Ino;
    public long Off;
    public long Len;
}

/// <summary>struct fuse_notify_inval_entry_out, followed by the name and a NUL.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyInvalEntryOut
{
    /// <summary>FUSE_EXPIRE_ONLY: ask again at the next use instead of dropping the name now (7.38).</summary>
    public const uint ExpireOnly = 1;

    public ulong Parent;
    public uint Namelen;
    public uint Flags;
}

/// <summary>struct fuse_notify_delete_out, followed by the name and a NUL.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyDeleteOut
{
    public ulong Parent;
    public ulong Child;
    public uint Namelen;
    public uint Padding;
}

/// <summary>struct fuse_notify_poll_wakeup_out.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NotifyPollWakeupOut
{
    public ulong Kh;
}
