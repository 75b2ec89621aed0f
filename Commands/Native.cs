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

    /// <summary>Where c_iflag is.</summary>
    public const int InputFlagsOffset = 0;

    /// <summary>Where c_lflag is: behind c_iflag, c_oflag and c_cflag, 4 bytes each.</summary>
    public const int LocalFlagsOffset = 12;

    /// <summary>Where c_cc is: behind the flags and c_line; then places in it.</summary>
    public const int ControlCharactersOffset = 17;
    public const int VQUIT = 1;
    public const int VTIME = 5;
    public const int VMIN = 6;
    public const int VSUSP = 10;

    public const uint ECHO = 8;
    public const uint ECHONL = 64;

    /// <summary>Of c_lflag: keys that are signals, a line at a time, keys that the terminal acts on itself.</summary>
    public const uint ISIG = 1;
    public const uint ICANON = 2;
    public const uint IEXTEN = 0x8000;

    /// <summary>Of c_iflag: a break as a signal, Enter as a newline, Ctrl-S and Ctrl-Q.</summary>
    public const uint BRKINT = 2;
    public const uint ICRNL = 0x100;
    public const uint IXON = 0x400;

    /// <summary>Change it when what was written is out; what was typed stays to be read.</summary>
    public const int TCSADRAIN = 1;

    /// <summary>Change it when what was written is out, and forget what was typed and not read.</summary>
    public const int TCSAFLUSH = 2;

    /// <summary>The request for a terminal's size, on x86-64 and arm64.</summary>
    public const nuint TIOCGWINSZ = 0x5413;

    public const short POLLIN = 1;

    /// <summary>Signals, numbered alike on x86-64 and arm64, and what signal(2) can do about them.</summary>
    public const int SIGHUP = 1;
    public const int SIGCONT = 18;
    public const int SIGTTOU = 22;
    public const nint SIG_DFL = 0;
    public const nint SIG_IGN = 1;

    public const int EINTR = 4;

    /// <summary>EFD_CLOEXEC and EFD_NONBLOCK.</summary>
    public const int EventFdFlags = 0x80000 | 0x800;

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

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

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

    /// <summary>The foreground process group of a terminal; negative when it is none.</summary>
    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    public static partial int GetForeground(int fd);

    [LibraryImport("libc", EntryPoint = "tcsetpgrp")]
    public static partial int SetForeground(int fd, int group);

    /// <summary>For signals that the runtime has no handler of.</summary>
    [LibraryImport("libc", EntryPoint = "signal")]
    public static partial nint Signal(int signal, nint handler);

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

/// <summary>struct pollfd.</summary>
struct PollEntry
{
    public int Fd;
    public short Events;
    public short Found;
}
