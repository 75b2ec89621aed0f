using System.Globalization;
using System.Text;

namespace TriggerFs.Core;

/// <summary>
/// Durations as people write them: <c>300ms</c>, <c>10s</c>, <c>1h30m</c>, and as the client has always printed them.
/// </summary>
static class Duration
{
    private const long NsPerMs = 1_000_000;
    private const long NsPerSecond = 1_000_000_000;

    private static readonly (string Name, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
        ("µs", TimeSpan.TicksPerMicrosecond),
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
    ];

    /// <summary>Reads a duration of at most 1,000 days; refuses a number without a unit.</summary>
    public static TimeSpan Parse(string text) => TryParse(text, out TimeSpan value)
        ? value
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a duration",
            "a duration is numbers with units: d, h, m, s, ms", "write it like 300ms, 10s or 1h30m");

    /// <summary>Whether the text is a duration, and which.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        decimal ticks = 0;
        ReadOnlySpan<char> rest = text;
        if (rest.IsEmpty || rest.Length > 64) return false;
        while (!rest.IsEmpty)
        {
            if (!TakeNumber(ref rest, out decimal number) || !TakeUnit(ref rest, out long unit)) return false;
            ticks += number * unit;
            if (ticks > TimeSpan.TicksPerDay * 1000m) return false;
        }
        value = new((long)ticks);
        return true;
    }

    /// <summary>
    /// The shortest spelling that <see cref="Parse"/> reads back, down to milliseconds: <c>1h30m</c>, <c>1s500ms</c>.
    /// </summary>
    public static string Print(TimeSpan value)
    {
        var text = new StringBuilder();
        if (value.Days != 0 || value.Hours != 0) text.Append((value.Days * 24) + value.Hours).Append('h');
        if (value.Minutes != 0) text.Append(value.Minutes).Append('m');
        if (value.Seconds != 0) text.Append(value.Seconds).Append('s');
        if (value.Milliseconds != 0) text.Append(value.Milliseconds).Append("ms");
        return text.Length == 0 ? "0s" : text.ToString();
    }

    /// <summary>
    /// An elapsed time to the nanosecond, in the form of 2018: <c>907.914622ms</c>, <c>1.5s</c>, <c>2m3.25s</c>.
    /// </summary>
    public static string PrintExactly(long nanoseconds)
    {
        if (nanoseconds < 1000) return $"{nanoseconds}ns";
        if (nanoseconds < NsPerMs) return Number(nanoseconds / 1000m) + "µs";
        if (nanoseconds < NsPerSecond) return Number(nanoseconds / (decimal)NsPerMs) + "ms";
        long minutes = nanoseconds / (60 * NsPerSecond);
        string seconds = Number(nanoseconds % (60 * NsPerSecond) / (decimal)NsPerSecond) + "s";
        if (minutes == 0) return seconds;
        return minutes < 60 ? $"{minutes}m{seconds}" : $"{minutes / 60}h{minutes % 60}m{seconds}";
    }

    private static string Number(decimal value) => value.ToString("0.#########", CultureInfo.InvariantCulture);

    private static bool TakeNumber(ref ReadOnlySpan<char> rest, out decimal number)
    {
        int length = 0;
        while (length < rest.Length && (char.IsAsciiDigit(rest[length]) || rest[length] == '.')) length++;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        if (length > 18 || !decimal.TryParse(rest[..length], Style, CultureInfo.InvariantCulture, out number))
        {
            number = 0;
            return false;
        }
        rest = rest[length..];
        return true;
    }

    private static bool TakeUnit(ref ReadOnlySpan<char> rest, out long ticks)
    {
        foreach ((string name, long unit) in Units)
        {
            if (!rest.StartsWith(name)) continue;
            rest = rest[name.Length..];
            ticks = unit;
            return true;
        }
        ticks = 0;
        return false;
    }
}
