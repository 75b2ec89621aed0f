using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>One word of a line and where it stands. A quoted word is a value, never a word of the grammar.</summary>
readonly record struct Token(string Text, int Start, bool IsQuoted)
{
    /// <summary>The words of a line: split at blanks; "…" knows \" and \\, '…' is taken as it is.</summary>
    public static List<Token> Split(string line)
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
        bool isQuoted = false;
        var text = new StringBuilder();
        while (at < line.Length && line[at] is not (' ' or '\t'))
        {
            char letter = line[at];
            if (letter is '"' or '\'')
            {
                isQuoted = true;
                TakeQuoted(line, ref at, text);
                continue;
            }
            if (char.IsControl(letter))
                throw new StatementException(line, at, "there is a control character", "a statement is plain text");
            text.Append(letter);
            at++;
        }
        return new(text.ToString(), start, isQuoted);
    }

    private static void TakeQuoted(string line, ref int at, StringBuilder text)
    {
        int start = at;
        char quote = line[at++];
        while (at < line.Length && line[at] != quote)
        {
            if (quote == '"' && line[at] == '\\' && at + 1 < line.Length && line[at + 1] is '"' or '\\') at++;
            text.Append(line[at++]);
        }
        if (at == line.Length)
            throw new StatementException(line, start, "a quote is not closed", fix: $"add {quote} at its end");
        at++;
    }
}
