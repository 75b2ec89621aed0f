using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TriggerFs.Bench.Fuse;

/// <summary>Programs that write to a mount as fast as they can: threads with plain system calls.</summary>
static unsafe partial class FuseLoad
{
    private const int O_WRONLY = 1;

    /// <param name="folder">The mountpoint.</param>
    /// <param name="cell">What the threads do.</param>
    /// <param name="warmUp">How long nothing is counted.</param>
    /// <param name="measure">How long all is counted.</param>
    /// <returns>The sum of what all threads did per second, and the medians of their latencies.</returns>
    public static Result Run(string folder, FuseCell cell, TimeSpan warmUp, TimeSpan measure)
    {
        var meters = new Meter[cell.Threads];
        var threads = new Thread[cell.Threads];
        for (int i = 0; i < cell.Threads; i++)
        {
            string path = $"{folder}/d/t{(cell.IsOneFile ? 0 : i).ToString(CultureInfo.InvariantCulture)}";
            Meter meter = meters[i] = new(new(cell.Size, cell.Threads), warmUp, measure);
            threads[i] = new(() => Write(path, cell, meter));
        }
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return Result.Together([.. meters.Select(meter => meter.Result())]);
    }

    private static void Write(string path, FuseCell cell, Meter meter)
    {
        byte* bytes = (byte*)NativeMemory.AlignedAlloc((nuint)cell.Size, 4096);
        new Span<byte>(bytes, cell.Size).Fill((byte)'x');
        int fd = cell.IsCycle ? -1 : Check(Open(path, O_WRONLY), path);
        long begun;
        do
        {
            begun = Stopwatch.GetTimestamp();
            if (cell.IsCycle) fd = Check(Open(path, O_WRONLY), path);
            if (Write(fd, bytes, cell.Size) != cell.Size) Check(-1, path);
            if (cell.IsCycle) _ = Close(fd);
        }
        while (meter.Answered(begun, Stopwatch.GetTimestamp()));
        if (!cell.IsCycle) _ = Close(fd);
        NativeMemory.AlignedFree(bytes);
    }

    private static int Check(int result, string path) => result >= 0
        ? result
        : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, byte* bytes, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
