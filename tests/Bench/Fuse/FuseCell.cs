using System.Globalization;

namespace TriggerFs.Bench.Fuse;

/// <summary>One way of writing to a mount.</summary>
/// <param name="Name">As the table's head has it.</param>
/// <param name="Size">Bytes of one write.</param>
/// <param name="IsCycle">Open, write and close each time, instead of one file for all writes.</param>
/// <param name="IsOneFile">All threads write to the same file.</param>
/// <param name="IsPinned">The writer and the file system share one processor; else they are where they like.</param>
sealed record FuseCell(
    string Name, int Size = 100, int Threads = 1, bool IsCycle = false, bool IsOneFile = false, bool IsPinned = false)
{
    /// <summary>The columns of the table. The last is as large as a whole write can be.</summary>
    public static readonly FuseCell[] All =
    [
        new("write, free"),
        new("write, same CPU", IsPinned: true),
        new("open+write+close, free", IsCycle: true),
        new("open+write+close, same CPU", IsCycle: true, IsPinned: true),
        new("4 threads, own files", Threads: 4),
        new("4 threads, own files, open+write+close", Threads: 4, IsCycle: true),
        new("4 threads, one file", Threads: 4, IsOneFile: true),
        new("1020 KiB, MB/s", Size: 255 * 4096),
    ];

    /// <summary>A cell's figure for the table.</summary>
    public string Show(Result result) => Size > 100
        ? string.Create(CultureInfo.InvariantCulture, $"{result.PerSecond * Size / 1e6:N0}")
        : string.Create(
            CultureInfo.InvariantCulture, $"{result.PerSecond:N0} ({result.P50:F0}/{result.P99:F0})");
}
