using System.Text.RegularExpressions;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Output;

/// <summary>Why a statement could not be done, for somebody who sits at the console.</summary>
static partial class TroubleText
{
    /// <summary>A line of a statement with its caret is shown as it is.</summary>
    private const string Marked = "    ";

    /// <summary>What a line goes on behind, under "  why: ".</summary>
    private const string Indent = "       ";

    /// <summary>The report; what can be typed at a shell's prompt is told as it is typed here.</summary>
    /// <param name="width">Columns of the terminal; null for lines as long as they are.</param>
    public static IEnumerable<string> Lines(TriggerException problem, int? width)
    {
        foreach (string line in InShell().Replace(problem.Report(), "$1").Split('\n'))
        {
            if (width is not { } columns || line.StartsWith(Marked, StringComparison.Ordinal))
            {
                yield return line;
                continue;
            }
            string before = "";
            foreach (string part in Wrapping.Lines(line, Math.Max(20, columns - Indent.Length)))
            {
                yield return before + part;
                before = Indent;
            }
        }
    }

    [GeneratedRegex("triggerfs cli -c '([^'\n]*)'", RegexOptions.CultureInvariant)]
    private static partial Regex InShell();
}
