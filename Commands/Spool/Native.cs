using System.Runtime.InteropServices;

namespace TriggerFs.Commands.Spool;

/// <summary>What the base library does not do with a folder: fsync(2).</summary>
static partial class Native
{
    public const int O_RDONLY = 0;

    /// <summary>The same on x86-64 and arm64.</summary>
    public const int O_CLOEXEC = 0x80000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    public static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);
}
