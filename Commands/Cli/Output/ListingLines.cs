using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Session;

namespace TriggerFs.Commands.Cli.Output;

/// <summary>How a listing is to be shown.</summary>
/// <param name="Width">Columns of the terminal that a table has to fit into; null when it is as wide as it is.</param>
/// <param name="IsIndented">JSON for people instead of one line.</param>
/// <param name="IsPlain">Text is the cells of the first column alone.</param>
readonly record struct ListingForm(OutputFormat Format, int? Width, bool IsIndented = false, bool IsPlain = false);

/// <summary>Prints a listing through the filters behind it: rows are filtered before they become lines.</summary>
static class ListingLines
{
    public static void Print(
        StatementAnswer answer, ListingForm form, IReadOnlyList<Filter> filters, long nanoseconds, ILines end)
    {
        int done = 0;
        for (; done < filters.Count; done++)
        {
            IEnumerable<string[]> rows = answer.Rows;
            if (filters[done] is Filter.Match match)
                rows = rows.Where(row => FilteredLines.Keeps(match, Text(answer, row)));
            else if (filters[done] is Filter.Last last) rows = rows.TakeLast(last.Lines);
            else if (filters[done] is not Filter.NoMore) break;
            answer = answer with { Rows = [.. rows] };
        }
        ILines lines = FilteredLines.Chain(Behind(filters, done, ref form), end);
        bool isCounted = done < filters.Count && filters[done] is Filter.Count;
        foreach (string line in isCounted ? answer.Rows.Select(_ => "") : Lines(answer, form, nanoseconds))
            if (!lines.Line(line)) break;
        lines.End();
    }

    private static IEnumerable<Filter> Behind(IReadOnlyList<Filter> filters, int from, ref ListingForm form)
    {
        if (from < filters.Count && filters[from] is Filter.Display display)
        {
            form = form with { Format = display.Format, IsIndented = display.Format == OutputFormat.Json };
            from++;
        }
        // A file is as wide as it needs to be.
        if (filters.Skip(from).Any(filter => filter is Filter.Save)) form = form with { Width = null };
        return filters.Skip(from);
    }

    private static IEnumerable<string> Lines(StatementAnswer answer, ListingForm form, long nanoseconds)
    {
        if (form is { IsPlain: true, Format: OutputFormat.Text }) return answer.Rows.Select(row => row[0]);
        using var text = new StringWriter();
        switch (form.Format)
        {
            case OutputFormat.Json:
                ListingJson.WriteArray(text, answer, form.IsIndented);
                break;
            case OutputFormat.JsonLines:
                ListingJson.WriteLines(text, answer);
                break;
            case OutputFormat.Csv:
                ListingCsv.Write(text, answer);
                break;
            default:
                TableText.Write(text, answer, nanoseconds, form.Width);
                break;
        }
        string all = text.ToString();
        if (all.Length == 0) return []; // No rows of jsonl are no lines.
        return all.EndsWith('\n') ? all[..^1].Split('\n') : all.Split('\n');
    }

    /// <summary>What a pattern looks at in a row: its cells as they are shown.</summary>
    private static string Text(StatementAnswer answer, string[] row) =>
        string.Join(" | ", row.Select((cell, i) => Cell.Shown(answer.Columns[i].Type, cell)));
}
