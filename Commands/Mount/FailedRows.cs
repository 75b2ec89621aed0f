using System.Globalization;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>The rows of <c>show dead-letters</c> as a mount shows them.</summary>
static class FailedRows
{
    /// <summary>In the order of their numbers; a row without one is left out.</summary>
    public static FailedMessage[] Read(StatementAnswer answer)
    {
        Dictionary<string, int> places = [];
        for (int i = 0; i < answer.Columns.Count; i++) places.TryAdd(answer.Columns[i].Name, i);
        return [.. answer.Rows.Select(row => Read(name => places.TryGetValue(name, out int at) ? row[at] : ""))
            .Where(message => message.Id > 0).OrderBy(message => message.Id)];
    }

    private static FailedMessage Read(Func<string, string> cell) => new(
        Number(cell("id")), Number(cell("size")), Number(cell("printed")), Reason(cell), Number(cell("died")));

    /// <summary>One line, whatever is in it.</summary>
    private static string Reason(Func<string, string> cell)
    {
        (string Name, string Text)[] parts =
        [
            ("trigger", cell("trigger")), ("service", cell("service")), ("attempts", cell("attempts")),
            ("written", $"{Moment(cell("written"))} by {cell("user")}"), ("given up", Moment(cell("died"))),
        ];
        string line = cell("reason") + string.Concat(parts.Select(part => $"; {part.Name}: {part.Text}"));
        return line.ReplaceLineEndings(" ") + "\n";
    }

    private static long Number(string cell) =>
        long.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;

    private static string Moment(string cell) => Number(cell) is var unixMs && unixMs <= Rfc3339.UnixMsMax
        ? Rfc3339.Seconds(unixMs) : "";
}
