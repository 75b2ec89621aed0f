namespace TriggerFs.Commands.Cli.Output;

/// <summary>How wide the columns of a table are, so that it fits.</summary>
static class ColumnWidths
{
    /// <summary>Columns around a cell: a blank on either side, and its rule.</summary>
    private const int Frame = 3;

    /// <summary>The width of each column; null when the table cannot be so narrow without breaking words.</summary>
    /// <param name="total">Columns of the terminal; null for no limit.</param>
    public static int[]? Fit(string[] names, string[][] rows, int? total)
    {
        int[] wished = Widest(names, rows, Visible.Width);
        if (total is not { } width) return wished;
        int room = width - 1 - (Frame * names.Length);
        if (wished.Sum() <= room) return wished;
        int[] least = Widest(names, rows, Wrapping.Longest);
        return least.Sum() <= room ? Share(least, wished, room - least.Sum()) : null;
    }

    private static int[] Widest(string[] names, string[][] rows, Func<string, int> width) =>
        [.. names.Select((name, i) => rows.Select(row => row[i]).Append(name).Max(width))];

    /// <summary>Gives what is left over to those who want more, the modest ones first.</summary>
    private static int[] Share(int[] least, int[] wished, int left)
    {
        int[] widths = [.. least];
        int[] byNeed = [.. Enumerable.Range(0, least.Length).OrderBy(i => wished[i] - least[i])];
        for (int i = 0; i < byNeed.Length; i++)
        {
            int share = Math.Min(left / (byNeed.Length - i), wished[byNeed[i]] - least[byNeed[i]]);
            widths[byNeed[i]] += share;
            left -= share;
        }
        return widths;
    }
}
