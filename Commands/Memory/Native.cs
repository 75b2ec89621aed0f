using System.Runtime.InteropServices;

namespace TriggerFs.Commands.Memory;

/// <summary>madvise(2).</summary>
static partial class Native
{
    public const int MADV_DONTNEED = 4;

    [LibraryImport("libc", EntryPoint = "madvise")]
    public static partial int Advise(nuint start, nuint length, int advice);
}
