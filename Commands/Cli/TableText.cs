using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// A listing as a table for people, with rules of <c>+----+</c>, the number of rows and the time that it took.
/// </summary>
static class TableText
{
    public static void Write(TextWriter output, StatementAnswer answer, long nanoseconds)
    {
        string[] names = [.. answer.Columns.Select(column => Visible.Escape(column.Name))];
        string[][] rows = [.. answer.Rows.Select(row => Shown(answer.Columns, row))];
        int[] widths = [.. names.Select((name, i) => rows.Select(row => row[i]).Append(name).Max(Visible.Width))];

        string rule = "+" + string.Concat(widths.Select(width => new string('-', width + 2) + "+"));
        output.WriteLine(rule);
        output.WriteLine(Row(names, widths, answer.Columns, isHeader: true));
        output.WriteLine(rule);
        foreach (string[] row in rows) output.WriteLine(Row(row, widths, answer.Columns, isHeader: false));
        if (rows.Length > 0) output.WriteLine(rule);
        output.WriteLine($"({rows.Length} rows)");
        output.WriteLine($"Time: {Duration.PrintExactly(nanoseconds)}");
    }

    private static string[] Shown(IReadOnlyList<Column> columns, string[] row) =>
        [.. row.Select((cell, i) => Cell.Shown(columns[i].Type, cell))];

    private static string Row(string[] cells, int[] widths, IReadOnlyList<Column> columns, bool isHeader)
    {
        var line = new StringBuilder("|");
        for (int i = 0; i < cells.Length; i++)
        {
            string room = new(' ', widths[i] - Visible.Width(cells[i]));
            bool isRight = columns[i].Type == ColumnType.Number && !isHeader;
            line.Append(' ').Append(isRight ? room + cells[i] : cells[i] + room).Append(" |");
        }
        return line.ToString();
    }
}
