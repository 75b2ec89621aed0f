using System.Globalization;
using System.Text.Json;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// A listing as JSON: an object a row with the columns as its members, in one array or one on a line.
/// </summary>
static class ListingJson
{
    /// <summary>One array, on one line for programs or indented for people.</summary>
    public static void WriteArray(TextWriter output, StatementAnswer answer, bool isIndented = false) =>
        output.WriteLine(WrittenJson.Text(json =>
        {
            json.WriteStartArray();
            foreach (string[] row in answer.Rows) WriteRow(json, answer.Columns, row);
            json.WriteEndArray();
        }, new() { Indented = isIndented, NewLine = "\n" }));

    /// <summary>One object a line.</summary>
    public static void WriteLines(TextWriter output, StatementAnswer answer)
    {
        foreach (string[] row in answer.Rows)
            output.WriteLine(WrittenJson.Text(json => WriteRow(json, answer.Columns, row)));
    }

    private static void WriteRow(Utf8JsonWriter json, IReadOnlyList<Column> columns, string[] row)
    {
        json.WriteStartObject();
        for (int i = 0; i < columns.Count; i++)
        {
            json.WritePropertyName(columns[i].Name);
            WriteCell(json, columns[i].Type, row[i]);
        }
        json.WriteEndObject();
    }

    private static void WriteCell(Utf8JsonWriter json, ColumnType type, string cell)
    {
        if (type == ColumnType.List)
        {
            json.WriteStartArray();
            foreach (string item in Cell.Items(cell)) json.WriteStringValue(item);
            json.WriteEndArray();
        }
        else if (Cell.Exact(type, cell) is not { } text) json.WriteNullValue();
        else if (type is ColumnType.Number or ColumnType.Size
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            json.WriteNumberValue(number);
        else json.WriteStringValue(text);
    }
}
