using System.Globalization;
using System.Text;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// Text from outside as a terminal may show it: nothing in it moves the cursor or turns the writing direction.
/// </summary>
static class Visible
{
    /// <summary>
    /// The text with control characters, terminal escapes and broken UTF-16 written as \n, \t or \u{1b}.
    /// </summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        var shown = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            bool isRune = Rune.TryGetRuneAt(text, i, out Rune rune);
            if (!isRune) shown.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)text[i]:x}}}");
            else if (IsHarmless(rune)) shown.Append(rune.ToString());
            else if (rune.Value is '\n') shown.Append("\\n");
            else if (rune.Value is '\t') shown.Append("\\t");
            else shown.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            i += isRune ? rune.Utf16SequenceLength : 1;
        }
        return shown.ToString();
    }

    /// <summary>The columns that an escaped text takes on a terminal.</summary>
    public static int Width(string text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes()) width += Width(rune);
        return width;
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    /// <summary>The columns that one character takes; 0 for one that stands on the one before.</summary>
    /// <remarks>
    /// East Asian Width (Unicode TR 11) "W" and "F" by their blocks, and the emoji planes: enough to align a table.
    /// </remarks>
    public static int Width(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 0,
        >= 0x1100 and <= 0x115f => 2,
        >= 0x2e80 and <= 0x303e => 2,
        >= 0x3041 and <= 0xa4cf => 2,
        >= 0xac00 and <= 0xd7a3 => 2,
        >= 0xf900 and <= 0xfaff => 2,
        >= 0xfe30 and <= 0xfe6f => 2,
        >= 0xff00 and <= 0xff60 => 2,
        >= 0xffe0 and <= 0xffe6 => 2,
        >= 0x1f300 and <= 0x1faff => 2,
        >= 0x20000 and <= 0x3fffd => 2,
        _ => 1,
    };
}
