using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>One word of a line and where it stands. A quoted word is a value, never a word of the grammar.</summary>
/// <param name="End">Behind its last character in the line, quotes included.</param>
/// <param name="OpenQuote">The quote that is not closed when the line ends within it; else 0.</param>
readonly record struct Token(string Text, int Start, int End, bool IsQuoted, char OpenQuote = '\0')
{
    /// <summary>A '|' that stands before a filter.</summary>
    public bool IsPipe => Text == "|" && !IsQuoted;

    /// <summary>The words of a whole line: split at blanks; "…" knows \" and \\, '…' is taken as it is.</summary>
    public static List<Token> Split(string line)
    {
        List<Token> tokens = SplitOpen(line);
        if (tokens.Count > 0 && tokens[^1] is { OpenQuote: not '\0' } open)
            throw new StatementException(line, open.Start + line.AsSpan(open.Start).IndexOf(open.OpenQuote),
                "a quote is not closed", fix: $"add {open.OpenQuote} at its end");
        return tokens;
    }

    /// <summary>The words of a line that may end within a quote: while it is typed.</summary>
    public static List<Token> SplitOpen(string line)
    {
        if (line.Length > Limits.TextMax)
            throw new TriggerException(ErrorCode.TooLarge, $"a statement of {line.Length} characters is too long",
                $"at most {Limits.TextMax} are allowed");
        List<Token> tokens = [];
        int at = 0;
        while (true)
        {
            while (at < line.Length && line[at] is ' ' or '\t') at++;
            if (at >= line.Length) return tokens;
            tokens.Add(Take(line, ref at));
        }
    }

    private static Token Take(string line, ref int at)
    {
        int start = at;
        if (line[at] == '|') return new("|", start, ++at, IsQuoted: false);
        bool isQuoted = false;
        char openQuote = '\0';
        var text = new StringBuilder();
        while (at < line.Length && line[at] is not (' ' or '\t'))
        {
            char letter = line[at];
            if (letter is '"' or '\'')
            {
                isQuoted = true;
                openQuote = TakeQuoted(line, ref at, text);
                continue;
            }
            if (char.IsControl(letter))
                throw new StatementException(line, at, "there is a control character", "a statement is plain text");
            text.Append(letter);
            at++;
        }
        return new(text.ToString(), start, at, isQuoted, openQuote);
    }

    /// <summary>Takes what is in quotes; returns the quote when it is not closed, else 0.</summary>
    private static char TakeQuoted(string line, ref int at, StringBuilder text)
    {
        char quote = line[at++];
        while (at < line.Length && line[at] != quote)
        {
            if (quote == '"' && line[at] == '\\' && at + 1 < line.Length && line[at + 1] is '"' or '\\') at++;
            text.Append(line[at++]);
        }
        if (at == line.Length) return quote;
        at++;
        return '\0';
    }
}
