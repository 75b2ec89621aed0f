namespace TriggerFs.Fs.Protocol;

/// <summary>FUSE_* flags of INIT that we know by name; bits 32 to 63 travel in flags2.</summary>
[Flags]
enum InitFlags : ulong
{
    None = 0,

    /// <summary>The kernel leaves O_TRUNC to us; without it there is a SETATTR before each message.</summary>
    AtomicOTrunc = 1 << 3,
    BigWrites = 1 << 5,
    DoReaddirplus = 1 << 13,
    ReaddirplusAuto = 1 << 14,
    WritebackCache = 1 << 16,
    ParallelDirops = 1 << 18,
    MaxPages = 1 << 22,

    /// <summary>
    /// We drop set-user-ID bits ourselves (there are none), so the kernel asks for no xattr before each write.
    /// </summary>
    HandleKillprivV2 = 1 << 28,
    InitExt = 1 << 30,

    /// <summary>INVAL_ENTRY can expire a name and leave the directory that somebody stands in alone.</summary>
    HasExpireOnly = 1UL << 35,
}

/// <summary>FOPEN_*: how the kernel treats a file that we opened.</summary>
[Flags]
enum FopenFlags : uint
{
    None = 0,
    DirectIo = 1 << 0,

    /// <summary>No FLUSH at close: where there is nothing to wait for, it saves a round trip.</summary>
    Noflush = 1 << 5,
}

/// <summary>FATTR_*: which fields of a SETATTR count.</summary>
[Flags]
enum SetattrValid : uint
{
    Mode = 1 << 0,
    Uid = 1 << 1,
    Gid = 1 << 2,
    Size = 1 << 3,
}

/// <summary>
/// The open(2) flags that we look at. O_DIRECT and O_DIRECTORY differ on arm64; these are the same everywhere.
/// </summary>
static class OpenFlags
{
    public const uint AccessModeMask = 3;
    public const uint ReadOnly = 0;
    public const uint WriteOnly = 1;
    public const uint ReadWrite = 2;

    /// <summary>O_EXCL of asm-generic/fcntl.h.</summary>
    public const uint Exclusive = 0x80;

    /// <summary>O_NONBLOCK of asm-generic/fcntl.h.</summary>
    public const uint NonBlocking = 0x800;
}

/// <summary>FUSE_GETATTR_*.</summary>
static class GetattrFlags
{
    /// <summary>The request is about an open file: Fh counts.</summary>
    public const uint Fh = 1;
}

/// <summary>RENAME_* of linux/fs.h.</summary>
static class RenameFlags
{
    /// <summary>Fail with EEXIST when the new name is taken: what we do anyway.</summary>
    public const uint NoReplace = 1;
}

/// <summary>The type bits of st_mode, and what a directory entry calls them.</summary>
static class FileType
{
    public const uint Directory = 0x4000;
    public const uint Regular = 0x8000;
    public const uint PermissionMask = 0x1FF;

    /// <summary>0777 and 0666: what umask= leaves bits of. Nobody runs a trigger.</summary>
    public const uint AllOfDirectory = 0b111_111_111, AllOfTrigger = 0b110_110_110;

    /// <summary>DT_DIR and DT_REG are the same bits, moved down.</summary>
    public static uint DirentType(uint mode) => (mode & 0xF000) >> 12;
}

/// <summary>POLL* of asm-generic/poll.h.</summary>
static class PollEvents
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint ReadNormal = 0x040;
    public const uint WriteNormal = 0x100;

    /// <summary>FUSE_POLL_SCHEDULE_NOTIFY: wake the caller when something changes.</summary>
    public const uint ScheduleNotify = 1;
}
