using System.Runtime.InteropServices;

namespace TriggerFs.Commands;

/// <summary>The terminal's settings, as in termios(3).</summary>
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

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    public static partial int GetTerminal(int fd, byte* termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    public static partial int SetTerminal(int fd, int actions, byte* termios);
}
