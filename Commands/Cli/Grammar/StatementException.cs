using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>A line that the grammar does not know; shows it with a caret under the place.</summary>
sealed class StatementException(string line, int at, string what, string? why = null, string? fix = null)
    : TriggerException(ErrorCode.Usage, $"{what}\n{Marked(line, at)}", why, fix)
{
    /// <summary>
    /// Characters of a line that is shown as it is; of a longer one, those before the place, and behind it. With what
    /// is around them they have room in 80 columns.
    /// </summary>
    private const int Whole = 75, Before = 48, Behind = 25;

    /// <summary>The place in the line, from 0; its length when something is missing at the end.</summary>
    public int At { get; } = at;

    private static string Marked(string line, int at)
    {
        bool isWhole = line.Length <= Whole;
        int from = isWhole ? 0 : Math.Max(0, at - Before);
        int to = isWhole ? line.Length : Math.Min(line.Length, at + Behind);
        string before = (from > 0 ? "…" : "") + Visible.Escape(line[from..at]);
        string behind = Visible.Escape(line[at..to]) + (to < line.Length ? "…" : "");
        return $"    {before}{behind}\n    {new string(' ', Visible.Width(before))}^";
    }
}
