using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>A listing as CSV by RFC 4180, with the columns' names on the first line.</summary>
static class ListingCsv
{
    public static void Write(TextWriter output, StatementAnswer answer)
    {
        WriteLine(output, answer.Columns.Select(column => column.Name));
        foreach (string[] row in answer.Rows)
            WriteLine(output, row.Select((cell, i) => Text(answer.Columns[i].Type, cell)));
    }

    private static string Text(ColumnType type, string cell) =>
        type == ColumnType.List ? string.Join(' ', Cell.Items(cell)) : Cell.Exact(type, cell) ?? "";

    private static void WriteLine(TextWriter output, IEnumerable<string> cells) =>
        output.Write(string.Join(',', cells.Select(Quoted)) + "\r\n");

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"")}\"";
}
