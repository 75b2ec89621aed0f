using System.Globalization;
using System.Text;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// Rows that come one after another, as lines: in columns that grow as they have to, or as JSON. Text that a command
/// writes is cut into its lines, each command's by itself.
/// </summary>
sealed class MonitorLines(OutputFormat format, ILines lines)
{
    /// <summary>Characters of a line without an end that are held before they are shown.</summary>
    private const int HeldMax = 64 * 1024;

    /// <summary>Columns that may grow beyond their heading: a long name does not move all that follows.</summary>
    private const int WidthMax = 32;

    private readonly Dictionary<string, StringBuilder> _held = [];
    private int[] _widths = [];

    /// <param name="lost">Rows that had to be left out before this page.</param>
    public void Show(Listing page, long lost)
    {
        if (format == OutputFormat.JsonLines)
        {
            ShowJson(page, lost);
            return;
        }
        if (_widths.Length == 0) ShowHeading(page.Columns);
        if (lost > 0)
            lines.Line(string.Create(
                CultureInfo.InvariantCulture, $"lost: {lost} rows came faster than they were shown"));
        bool isOutput = page.Columns[^1].Name == "text";
        foreach (string[] row in page.Rows)
        {
            if (isOutput) ShowOutput(page.Columns, row);
            else lines.Line(Row(page.Columns, row));
        }
    }

    public void End() => lines.End();

    private void ShowJson(Listing page, long lost)
    {
        if (lost > 0) lines.Line(string.Create(CultureInfo.InvariantCulture, $$"""{"event":"lost","rows":{{lost}}}"""));
        using var text = new StringWriter();
        ListingJson.WriteLines(text, new(page.Columns, page.Rows, ""));
        foreach (string line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)) lines.Line(line);
    }

    private void ShowHeading(IReadOnlyList<Column> columns)
    {
        _widths = [.. columns.Select(column => Math.Max(column.Name.Length, Usual(column)))];
        lines.Line(Padded([.. columns.Select(column => column.Name)]));
    }

    /// <summary>What most cells of a column need, so that they stand under their heading.</summary>
    private static int Usual(Column column) => column switch
    {
        { Type: ColumnType.Time } => 8,
        { Name: "request" } => 17,
        { Name: "event" or "user" or "worker" } => 8,
        _ => 0,
    };

    private string Row(IReadOnlyList<Column> columns, string[] row) =>
        Padded([.. row.Select((cell, i) => Shown(columns[i].Type, cell))]);

    private string Padded(string[] cells)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            int width = Visible.Width(cells[i]);
            _widths[i] = Math.Max(_widths[i], Math.Min(width, WidthMax));
            line.Append(cells[i]).Append(' ', Math.Max(0, _widths[i] - width) + 2);
        }
        return line.ToString().TrimEnd(' ');
    }

    /// <summary>The time of day is enough for what is seen as it happens.</summary>
    private static string Shown(ColumnType type, string cell) =>
        type == ColumnType.Time && Cell.Exact(type, cell) is { Length: > 19 } time ? time[11..19]
            : Cell.Shown(type, cell);

    private void ShowOutput(IReadOnlyList<Column> columns, string[] row)
    {
        string source = string.Join('\n', row[1..^1]); // Stream, request, user and worker.
        if (!_held.TryGetValue(source, out StringBuilder? held)) _held[source] = held = new();
        held.Append(row[^1]);
        string[] parts = held.ToString().Split('\n');
        held.Clear();
        bool isStream = row[1] is "out" or "err";
        if (isStream && parts[^1].Length <= HeldMax)
        {
            held.Append(parts[^1]);
            parts = parts[..^1];
        }
        else if (!isStream)
        {
            EndStreams(columns, row);
        }
        if (held.Length == 0) _held.Remove(source);
        foreach (string part in parts) lines.Line(Row(columns, [.. row[..^1], part.TrimEnd('\r')]));
    }

    /// <summary>A run has ended: what it began of a line is a line.</summary>
    private void EndStreams(IReadOnlyList<Column> columns, string[] row)
    {
        foreach (string stream in (string[])["out", "err"])
        {
            string source = string.Join('\n', row[1..^1].Select((cell, i) => i == 0 ? stream : cell));
            if (_held.Remove(source, out StringBuilder? rest))
                lines.Line(Row(columns, [row[0], stream, .. row[2..^1], rest.ToString()]));
        }
    }
}
