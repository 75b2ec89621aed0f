using System.Globalization;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Many names in few words: <c>web[01-18,20], db1</c>, as ClusterShell and pdsh write sets of hosts.
/// </summary>
static class NameRanges
{
    /// <summary>Characters of the whole; what does not fit is counted.</summary>
    private const int LengthMax = 1000;

    /// <summary>Digits of a number that stands for more than a name: fits a long.</summary>
    private const int DigitsMax = 15;

    public static string Of(IEnumerable<string> names)
    {
        string[] words = [.. names.Select(Split).GroupBy(name => (name.Before, name.After))
            .OrderBy(group => group.Key.Before, StringComparer.Ordinal)
            .ThenBy(group => group.Key.After, StringComparer.Ordinal)
            .SelectMany(group => Write(group.Key.Before, group.Key.After, [.. group.Select(name => name.Digits)]))];
        int length = 0;
        int shown = words.TakeWhile((word, place) => (length += word.Length + 2) <= LengthMax || place == 0).Count();
        string text = string.Join(", ", words[..shown]);
        return shown == words.Length ? text
            : string.Create(CultureInfo.InvariantCulture, $"{text} and {words.Length - shown} more");
    }

    /// <summary>Around the last number of a name.</summary>
    private static (string Before, string Digits, string After) Split(string name)
    {
        int end = name.AsSpan().LastIndexOfAnyInRange('0', '9') + 1, start = end;
        while (start > 0 && char.IsAsciiDigit(name[start - 1]) && end - start < DigitsMax) start--;
        return (name[..start], name[start..end], name[end..]);
    }

    /// <summary>Numbers with zeros before them belong to those of the same width.</summary>
    private static IEnumerable<string> Write(string before, string after, string[] numbers)
    {
        bool isPadded = numbers.Any(static digits => digits.Length > 1 && digits[0] == '0');
        foreach (IGrouping<int, string> some in numbers.GroupBy(digits => isPadded ? digits.Length : 0)
            .OrderBy(group => group.Key))
        {
            long[] sorted = [.. some.Where(static digits => digits.Length > 0)
                .Select(static digits => long.Parse(digits, CultureInfo.InvariantCulture)).Order()];
            string[] ranges = sorted.Length == 0 ? [""] : [.. Ranges(sorted, some.Key)];
            bool isOne = ranges.Length == 1 && !ranges[0].Contains('-', StringComparison.Ordinal);
            yield return isOne ? $"{before}{ranges[0]}{after}" : $"{before}[{string.Join(',', ranges)}]{after}";
        }
    }

    private static IEnumerable<string> Ranges(long[] numbers, int width)
    {
        for (int first = 0, last; first < numbers.Length; first = last + 1)
        {
            last = first;
            while (last + 1 < numbers.Length && numbers[last + 1] == numbers[last] + 1) last++;
            string begin = numbers[first].ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
            string end = numbers[last].ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
            yield return first == last ? begin : $"{begin}-{end}";
        }
    }
}
