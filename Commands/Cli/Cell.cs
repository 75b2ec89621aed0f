using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>One cell of a listing, as people and as programs read it.</summary>
static class Cell
{
    /// <summary>
    /// For a table: times as <c>Mon, 30 Apr 2018 18:45:30 UTC</c>, durations as <c>10s</c>, sizes as
    /// <c>16MiB</c>, everything escaped.
    /// </summary>
    public static string Shown(ColumnType type, string cell) => type switch
    {
        ColumnType.Time when TryTime(cell, out DateTimeOffset time) =>
            time.ToString("ddd, dd MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture),
        ColumnType.List => Visible.Escape(string.Join(", ", Items(cell))),
        ColumnType.Duration when TryDuration(cell, out TimeSpan duration) => Duration.Print(duration),
        ColumnType.Size when TrySize(cell, out long bytes) => ByteSize.Print(bytes),
        _ => Visible.Escape(cell),
    };

    /// <summary>
    /// For JSON and CSV: times by ISO 8601, durations as they are typed, sizes in bytes; null when there is none.
    /// </summary>
    public static string? Exact(ColumnType type, string cell) => type switch
    {
        ColumnType.Time or ColumnType.Duration or ColumnType.Number or ColumnType.Size when cell.Length == 0 => null,
        ColumnType.Time when TryTime(cell, out DateTimeOffset time) => Rfc3339.Milliseconds(time),
        ColumnType.Duration when TryDuration(cell, out TimeSpan duration) => Duration.Print(duration),
        _ => cell,
    };

    public static string[] Items(string cell) => cell.Length == 0 ? [] : cell.Split('\n');

    private static bool TryTime(string cell, out DateTimeOffset time)
    {
        time = default;
        const NumberStyles style = NumberStyles.AllowLeadingSign;
        if (!long.TryParse(cell, style, CultureInfo.InvariantCulture, out long unixMs)) return false;
        if (unixMs < DateTimeOffset.MinValue.ToUnixTimeMilliseconds()) return false;
        if (unixMs > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return false;
        time = DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
        return true;
    }

    private static bool TrySize(string cell, out long bytes) =>
        long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out bytes);

    private static bool TryDuration(string cell, out TimeSpan duration)
    {
        bool isNumber = uint.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out uint ms);
        duration = TimeSpan.FromMilliseconds(ms);
        return isNumber;
    }
}
