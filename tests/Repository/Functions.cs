using System.Text.RegularExpressions;

namespace TriggerFs.Tests.Repository;

/// <summary>Finds functions and their lengths by indentation, which the formatter guarantees.</summary>
static partial class Functions
{
    /// <summary>The first line (from 1) and the number of lines of every member with a body in braces.</summary>
    public static IEnumerable<(int Line, int Length)> In(string[] lines)
    {
        for (int i = 1; i < lines.Length; i++)
        {
            Match open = OpenBrace().Match(lines[i]);
            if (!open.Success || !lines[i - 1].TrimEnd().EndsWith(')')) continue;
            string close = open.Groups[1].Value + "}";
            int end = Array.FindIndex(lines, i, line => line.StartsWith(close, StringComparison.Ordinal));
            if (end > i) yield return (i, end - i);
        }
    }

    // Members stand at four spaces, members of nested types at eight; deeper braces are blocks inside them.
    [GeneratedRegex(@"^( {4}| {8})\{$")]
    private static partial Regex OpenBrace();
}
