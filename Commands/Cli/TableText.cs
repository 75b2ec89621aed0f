using System.Text;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// A listing as a table for people, with rules of <c>+----+</c>, the number of rows and the time that it took. On a
/// terminal too narrow for it, cells go on in the next line; on one too narrow even for that, each row is a list.
/// </summary>
static class TableText
{
    /// <param name="width">Columns of the terminal; null for a table as wide as it is.</param>
    public static void Write(TextWriter output, StatementAnswer answer, long nanoseconds, int? width = null)
    {
        string[] names = [.. answer.Columns.Select(column => Visible.Escape(column.Name))];
        string[][] rows = [.. answer.Rows.Select(row => Shown(answer.Columns, row))];
        if (ColumnWidths.Fit(names, rows, width) is { } widths) WriteTable(output, answer.Columns, names, rows, widths);
        else WriteLists(output, names, rows, width!.Value);
        output.WriteLine($"({rows.Length} rows)");
        output.WriteLine($"Time: {Duration.PrintExactly(nanoseconds)}");
    }

    private static void WriteTable(
        TextWriter output, IReadOnlyList<Column> columns, string[] names, string[][] rows, int[] widths)
    {
        string rule = "+" + string.Concat(widths.Select(width => new string('-', width + 2) + "+"));
        output.WriteLine(rule);
        WriteRow(output, names, widths, static _ => false);
        output.WriteLine(rule);
        foreach (string[] row in rows)
            WriteRow(output, row, widths, i => columns[i].Type is ColumnType.Number or ColumnType.Size);
        if (rows.Length > 0) output.WriteLine(rule);
    }

    private static string[] Shown(IReadOnlyList<Column> columns, string[] row) =>
        [.. row.Select((cell, i) => Cell.Shown(columns[i].Type, cell))];

    private static void WriteRow(TextWriter output, string[] cells, int[] widths, Func<int, bool> isRight)
    {
        List<string>[] wrapped = [.. cells.Select((cell, i) => Wrapping.Lines(cell, widths[i]))];
        for (int at = 0; at < wrapped.Max(lines => lines.Count); at++)
        {
            var line = new StringBuilder("|");
            for (int i = 0; i < wrapped.Length; i++)
            {
                string text = at < wrapped[i].Count ? wrapped[i][at] : "";
                string room = new(' ', widths[i] - Visible.Width(text));
                line.Append(' ').Append(isRight(i) ? room + text : text + room).Append(" |");
            }
            output.WriteLine(line);
        }
    }

    /// <summary>A column a line, under a rule for each row.</summary>
    private static void WriteLists(TextWriter output, string[] names, string[][] rows, int width)
    {
        int left = names.Max(Visible.Width);
        int right = Math.Max(8, width - left - 3);
        for (int i = 0; i < rows.Length; i++)
        {
            string head = $"-[ {i + 1} ]";
            output.WriteLine(head.PadRight(left + 1, '-') + "+" + new string('-', Math.Min(right, 40)));
            for (int k = 0; k < names.Length; k++)
            {
                string name = names[k] + new string(' ', left - Visible.Width(names[k]));
                foreach (string line in Wrapping.Lines(rows[i][k], right))
                {
                    output.WriteLine($"{name} | {line}".TrimEnd());
                    name = new(' ', left);
                }
            }
        }
    }
}
