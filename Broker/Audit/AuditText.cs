using System.Globalization;
using System.Text;

namespace TriggerFs.Broker.Audit;

/// <summary>Texts from outside on their way into the audit: bounded, and harmless on a terminal.</summary>
static class AuditText
{
    /// <summary>Characters of one text; what is longer is cut, and says so.</summary>
    public const int TextMax = 1024;

    /// <summary>
    /// The text, not longer than <see cref="TextMax"/>. Characters that turn the writing direction or are not seen are
    /// written as \u{202e}; JSON itself escapes control characters.
    /// </summary>
    public static string Clean(string text)
    {
        if (text.Length > TextMax) text = $"{text[..TextMax]}… ({text.Length} characters)";
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '~')) return text;
        var clean = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            bool hides = char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator;
            if (hides) clean.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)letter:x}}}");
            else clean.Append(letter);
        }
        return clean.ToString();
    }
}
