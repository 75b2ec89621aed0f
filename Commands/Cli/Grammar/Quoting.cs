using System.Buffers;
using System.Text;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Values as they are typed, so that a line that is printed can be pasted back.</summary>
static class Quoting
{
    private static readonly SearchValues<char> Special = SearchValues.Create(" \t\"'?\\");

    private static readonly Lazy<HashSet<string>> Words = new(() =>
    {
        HashSet<string> words = [];
        HashSet<Step> seen = new(ReferenceEqualityComparer.Instance);
        Collect(ConsoleGrammar.Candidate, words, seen);
        return words;
    });

    /// <summary>The value as it is, or in quotes when it would be read as something else without.</summary>
    public static string Value(string text)
    {
        bool isPlain = text.Length > 0 && text[0] is not ('|' or '#')
            && !text.StartsWith("--", StringComparison.Ordinal)
            && !text.AsSpan().ContainsAny(Special) && !IsWord(text);
        return isPlain ? text : Quoted(text);
    }

    /// <summary>Whether the text is a word of the grammar.</summary>
    public static bool IsWord(string text) => Words.Value.Contains(text);

    /// <summary>In double quotes.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char letter in text)
        {
            if (letter is '"' or '\\') quoted.Append('\\');
            quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }

    private static void Collect(Step step, HashSet<string> words, HashSet<Step> seen)
    {
        if (!seen.Add(step)) return;
        words.UnionWith(step.Words);
        foreach (Step next in step.Next) Collect(next, words, seen);
    }
}
