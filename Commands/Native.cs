using System.Runtime.InteropServices;

namespace TriggerFs.Commands;

/// <summary>
/// The terminal's settings and size, as in termios(3) and ioctl_tty(2), the process's limits, as in getrlimit(2), and
/// how it leaves a terminal.
/// </summary>
static unsafe partial class Native
{
    /// <summary>Bytes of struct termios: 60 with glibc on every machine we build for; more is read and kept.</summary>
    public const int TermiosSize = 256;

    /// <summary>Where c_lflag is: behind c_iflag, c_oflag and c_cflag, 4 bytes each.</summary>
    public const int LocalFlagsOffset = 12;

    public const uint ECHO = 8;
    public const uint ECHONL = 64;

    /// <summary>Change it when what was written is out, and forget what was typed and not read.</summary>
    public const int TCSAFLUSH = 2;

    /// <summary>The request for a terminal's size, on x86-64 and arm64.</summary>
    public const nuint TIOCGWINSZ = 0x5413;

    /// <summary>The number of the limit on open descriptors, on x86-64 and arm64.</summary>
    public const int RLIMIT_NOFILE = 7;

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    public static partial int GetTerminal(int fd, byte* termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    public static partial int SetTerminal(int fd, int actions, byte* termios);

    [LibraryImport("libc", EntryPoint = "isatty")]
    public static partial int IsTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    public static partial int GetTerminalSize(int fd, nuint request, TerminalSize* size);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    public static partial int GetLimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    public static partial int SetLimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetUser();

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "dup2")]
    public static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Kill(int process, int signal);
}

/// <summary>struct rlimit: what counts now, and how far a process may raise it itself.</summary>
struct ResourceLimit
{
    public ulong Current;
    public ulong Max;
}

/// <summary>struct winsize.</summary>
struct TerminalSize
{
    public ushort Rows;
    public ushort Columns;
    public ushort PixelsWide;
    public ushort PixelsHigh;
}
