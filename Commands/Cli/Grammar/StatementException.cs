using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>A line that the grammar does not know; shows it with a caret under the place.</summary>
sealed class StatementException(string line, int at, string what, string? why = null, string? fix = null)
    : TriggerException(ErrorCode.Usage, $"{what}\n{Marked(line, at)}", why, fix)
{
    /// <summary>Characters of a long line that are shown before the place, and behind it.</summary>
    private const int Around = 50;

    /// <summary>The place in the line, from 0; its length when something is missing at the end.</summary>
    public int At { get; } = at;

    private static string Marked(string line, int at)
    {
        int from = Math.Max(0, at - Around);
        int to = Math.Min(line.Length, at + Around);
        string before = (from > 0 ? "…" : "") + Visible.Escape(line[from..at]);
        string behind = Visible.Escape(line[at..to]) + (to < line.Length ? "…" : "");
        return $"    {before}{behind}\n    {new string(' ', Visible.Width(before))}^";
    }
}
