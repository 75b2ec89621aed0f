using System.Runtime.InteropServices;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// The system calls that start, watch and end other programs, under their own names. Linux only; the numbers are those
/// of the kernel's headers, the same on x86-64 and arm64.
/// </summary>
static unsafe partial class Native
{
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, E2BIG = 7, ENOEXEC = 8, ECHILD = 10, EAGAIN = 11,
        EACCES = 13, ENOTDIR = 20, ETXTBSY = 26, ELOOP = 40;

    public const int SIGKILL = 9, SIGTERM = 15, SIGCHLD = 17;
    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_APPEND = 0x400, O_NONBLOCK = 0x800,
        O_CLOEXEC = 0x80000, O_PATH = 0x200000;

    /// <summary>For statx: what the descriptor itself is.</summary>
    public const int AT_EMPTY_PATH = 0x1000;

    /// <summary>Bytes of struct statx, whose layout is the same everywhere.</summary>
    public const int StatxSize = 256;

    /// <summary>All that stat has (STATX_BASIC_STATS).</summary>
    public const uint StatxBasic = 0x7FF;
    public const int F_SETFL = 4, F_DUPFD_CLOEXEC = 1030;
    public const uint MFD_CLOEXEC = 1;

    public const int P_PID = 1, P_PIDFD = 3;
    public const int WNOHANG = 1, WEXITED = 4;
    public const int CLD_EXITED = 1;

    /// <summary>Bytes of siginfo_t, and where waitid puts what it found (64-bit glibc).</summary>
    public const int SiginfoSize = 128, SiginfoCode = 8, SiginfoPid = 16, SiginfoStatus = 24;

    public const short POSIX_SPAWN_SETSIGDEF = 0x04, POSIX_SPAWN_SETSIGMASK = 0x08, POSIX_SPAWN_SETSID = 0x80;

    /// <summary>Room for posix_spawnattr_t (336 bytes in glibc) and posix_spawn_file_actions_t (80).</summary>
    public const int SpawnObjectSize = 512;

    /// <summary>Bytes of sigset_t.</summary>
    public const int SigsetSize = 128;

    public const int RLIMIT_DATA = 2, RLIMIT_NOFILE = 7;

    private const int PR_SET_DUMPABLE = 4, PR_SET_CHILD_SUBREAPER = 36;
    private const int CLOCK_BOOTTIME = 7;
    private const long SYS_pidfd_send_signal = 424, SYS_pidfd_open = 434;

    /// <summary>errno of the last call of this thread.</summary>
    public static int Errno => Marshal.GetLastPInvokeError();

    /// <summary>What the C library says about an errno.</summary>
    public static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>
    /// A descriptor that becomes readable when the process ends; negative on failure (ENOSYS before 5.3).
    /// </summary>
    public static int PidfdOpen(int pid) => (int)Syscall(SYS_pidfd_open, pid, 0, 0, 0);

    /// <summary>Sends a signal to exactly the process that the descriptor was opened for.</summary>
    public static int PidfdSendSignal(int pidfd, int signal) =>
        (int)Syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0);

    /// <summary>Makes orphans below this process its own children, so that none escapes from the tree.</summary>
    public static bool BecomeSubreaper() => Prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;

    /// <summary>Lets nobody but root look into this process, whose user others may be, too.</summary>
    public static bool CloseToOthers() => Prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;

    /// <summary>Hundredths of a second since boot: the unit of a process's start time in /proc.</summary>
    public static long BootTicks()
    {
        long* time = stackalloc long[2];
        return ClockGetTime(CLOCK_BOOTTIME, time) == 0 ? (time[0] * 100) + (time[1] / 10_000_000) : 0;
    }

    /// <summary>Sets a limit of this process, soft and hard; false when it may not.</summary>
    public static bool Limit(int resource, long value)
    {
        ulong* limit = stackalloc ulong[2] { (ulong)value, (ulong)value };
        return SetLimit(resource, limit) == 0;
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Fcntl(int fd, int command, long argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true)]
    public static partial int RemoveFolder(byte* path);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    public static partial int Statx(int folder, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true)]
    public static partial nint ReadLink(byte* path, byte* buffer, nint size);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(int fd, byte* buffer, nint length, long offset);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true)]
    public static partial int MemfdCreate(byte* name, uint flags);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getsid", SetLastError = true)]
    public static partial int GetSession(int pid);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitId(int idType, int id, byte* siginfo, int options);

    [LibraryImport("libc", EntryPoint = "getenv")]
    public static partial byte* GetVariable(byte* name);

    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint SetUmask(uint mask);

    [LibraryImport("libc", EntryPoint = "nice", SetLastError = true)]
    public static partial int Nice(int step);

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    public static partial int SetGroups(nint count, uint* groups);

    [LibraryImport("libc", EntryPoint = "setresgid", SetLastError = true)]
    public static partial int SetGroup(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "setresuid", SetLastError = true)]
    public static partial int SetUser(uint real, uint effective, uint saved);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true)]
    public static partial int Execute(byte* path, byte** argv);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    public static partial nint Signal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int SpawnAttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial void SpawnAttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SpawnSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SpawnSetSignalDefault(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SpawnSetSignalMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int SpawnActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial void SpawnActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    public static partial int SpawnAddOpen(byte* actions, int fd, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int SpawnAddDup(byte* actions, int fd, int newFd);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    public static partial int SpawnAddFolder(byte* actions, byte* path);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int SpawnAddCloseFrom(byte* actions, int firstFd);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long first, long second, long third, long fourth);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, ulong first, ulong second, ulong third, ulong fourth);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, long* time);
}
