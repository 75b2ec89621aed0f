using System.Text;

namespace TriggerFs.Commands.Cli.Output;

/// <summary>Breaks text into lines: at blanks, and behind the marks that join words of names and paths.</summary>
static class Wrapping
{
    /// <summary>The width of the longest piece that cannot be broken.</summary>
    public static int Longest(string text) => Visible.Width(text) < 2 ? Visible.Width(text)
        : Pieces(text).Max(piece => Visible.Width(piece.TrimEnd(' ')));

    /// <summary>The lines; one at least. A piece that is wider than a line is broken anywhere.</summary>
    public static List<string> Lines(string text, int width)
    {
        if (Visible.Width(text) <= width) return [text];
        List<string> lines = [];
        var line = new StringBuilder();
        int used = 0;
        foreach (string piece in Pieces(text).SelectMany(piece => Chopped(piece, width)))
        {
            if (used + Visible.Width(piece.TrimEnd(' ')) > width)
            {
                lines.Add(line.ToString().TrimEnd(' '));
                line.Clear();
                used = 0;
            }
            line.Append(piece);
            used += Visible.Width(piece);
        }
        lines.Add(line.ToString().TrimEnd(' '));
        return lines;
    }

    /// <summary>What may stand alone on a line, each with the blanks behind it.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        int start = 0;
        for (int i = 1; i < text.Length; i++)
        {
            bool mayBreak = text[i] != ' ' && text[i - 1] is ' ' or '/' or '-' or ',';
            if (!mayBreak) continue;
            yield return text[start..i];
            start = i;
        }
        yield return text[start..];
    }

    private static IEnumerable<string> Chopped(string piece, int width)
    {
        var part = new StringBuilder();
        int used = 0;
        foreach (Rune rune in piece.EnumerateRunes())
        {
            int wide = Visible.Width(rune.ToString());
            if (used + wide > width && rune.Value != ' ' && part.Length > 0)
            {
                yield return part.ToString();
                part.Clear();
                used = 0;
            }
            part.Append(rune.ToString());
            used += wide;
        }
        yield return part.ToString();
    }
}
