using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TriggerFs.Commands.Spool;

/// <summary>What the base library does not do, or not as we need it: fsync(2).</summary>
static partial class Native
{
    public const int O_RDONLY = 0;

    /// <summary>The same on x86-64 and arm64.</summary>
    public const int O_CLOEXEC = 0x80000;

    public const int EINVAL = 22;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);
}
