using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>
/// The words of a command line as a shell reads it, with quotes and pipes; what only a shell can carry out is refused.
/// </summary>
static class ShellWords
{
    /// <summary>The commands of a pipeline, each with its words.</summary>
    public static List<List<string>> Pipeline(string text)
    {
        List<List<string>> commands = [[]];
        StringBuilder? word = null;
        for (int at = 0; at < text.Length; at++)
        {
            char letter = text[at];
            if (letter is ' ' or '\t' or '\n' or '|')
            {
                End(commands[^1], ref word);
                if (letter == '|') commands.Add([]);
                continue;
            }
            if (letter == '\\' && at + 1 < text.Length && text[at + 1] == '\n')
            {
                at++; // The line goes on in the next one.
                continue;
            }
            word ??= new();
            if (letter == '\'') at = Quoted(text, at, word);
            else if (letter == '"') at = DoublyQuoted(text, at, word);
            else if (letter == '\\') at = Escaped(text, at, word);
            else if ("$`;&<>()".Contains(letter)) throw NeedsShell(letter);
            else word.Append(letter);
        }
        End(commands[^1], ref word);
        return commands;
    }

    private static int Quoted(string text, int at, StringBuilder word)
    {
        int end = text.IndexOf('\'', at + 1);
        if (end < 0) throw Unclosed('\'');
        word.Append(text, at + 1, end - at - 1);
        return end;
    }

    private static int DoublyQuoted(string text, int at, StringBuilder word)
    {
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] is '$' or '`') throw NeedsShell(text[at]);
            if (text[at] == '\\' && at + 1 < text.Length && "\\\"$`\n".Contains(text[at + 1])) at++;
            word.Append(text[at]);
        }
        return at < text.Length ? at : throw Unclosed('"');
    }

    private static int Escaped(string text, int at, StringBuilder word)
    {
        if (at + 1 >= text.Length) throw Unclosed('\\');
        word.Append(text[at + 1]);
        return at + 1;
    }

    private static void End(List<string> words, ref StringBuilder? word)
    {
        if (word is not null) words.Add(word.ToString());
        word = null;
    }

    private static TriggerException NeedsShell(char letter) => new(ErrorCode.Unsupported,
        $"it has a '{letter}', which only a shell can carry out", "it is read here, and not given to a shell",
        "put it in single quotes if it is meant as it stands");

    private static TriggerException Unclosed(char letter) =>
        new(ErrorCode.Invalid, $"nothing follows a {letter}", "what it begins does not end", "close it");
}
