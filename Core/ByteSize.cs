using System.Globalization;

namespace TriggerFs.Core;

/// <summary>Sizes as people write them: <c>512KiB</c>, <c>256MiB</c>, <c>2GiB</c>, or a number of bytes.</summary>
static class ByteSize
{
    private static readonly (string Name, int Shift)[] Units =
        [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("", 0)];

    /// <summary>The bytes; refuses what is no whole number of one of the units.</summary>
    public static long Parse(string text)
    {
        foreach ((string unit, int shift) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            ReadOnlySpan<char> digits = text.AsSpan(0, text.Length - unit.Length);
            bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long count);
            if (isNumber && count <= long.MaxValue >> shift) return count << shift;
            break;
        }
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a size",
            "a size is a whole number with a unit: KiB, MiB, GiB or TiB", "write it like 256MiB");
    }

    /// <summary>The shortest exact spelling that <see cref="Parse"/> reads back: <c>16MiB</c>, <c>1500</c>.</summary>
    public static string Print(long bytes)
    {
        (string unit, int shift) = ("", 0);
        foreach ((string name, int bits) in Units)
            if (bits > shift && bytes > 0 && bytes % (1L << bits) == 0) (unit, shift) = (name, bits);
        return (bytes >> shift).ToString(CultureInfo.InvariantCulture) + unit;
    }
}
