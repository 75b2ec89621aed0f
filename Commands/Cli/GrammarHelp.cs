using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;

namespace TriggerFs.Commands.Cli;

/// <summary>Explains statements from the grammar's own tree.</summary>
static class GrammarHelp
{
    /// <summary>Sentences of a statement that are listed; of one with more, only what may come next.</summary>
    private const int SentencesMax = 120;

    /// <summary>Columns that help needs beside the words it is about; with less it stands under them.</summary>
    private const int HelpMin = 24;

    /// <summary>What may follow the beginning of a line, a line each, as '?' shows it.</summary>
    /// <param name="width">Columns of the terminal; null for lines as long as they are.</param>
    public static void Brief(
        ILines lines, string beginning, Scope scope, int? width, IEnumerable<string>? names = null)
    {
        Outlook outlook = StatementParser.Look(beginning, scope);
        List<(string, string)> rows = [.. outlook.Open.Select(step => (step.Shown, step.Help))];
        if (outlook is { CanEnd: true, Partial.Text: "" }) rows.Insert(0, ("<Enter>", "the statement is complete"));
        Table(lines, rows, width);
        foreach (string name in names ?? []) lines.Line("    " + name);
        lines.End();
    }

    /// <summary>All about a statement or the beginning of one; about the console when it is empty.</summary>
    /// <inheritdoc cref="Brief"/>
    public static void Full(ILines lines, string about, Scope scope, int? width)
    {
        if (about.Trim().Length == 0)
        {
            Overview(lines, scope, width);
            return;
        }
        Step at = StatementParser.Look(about.TrimEnd() + " ", scope).At;
        lines.Line($"{about.Trim()}: {at.Help}");
        if (Explained(about, scope) is { } text)
        {
            lines.Line("");
            foreach (string line in text.Split('\n'))
                foreach (string part in Wrapping.Lines(line, (width ?? int.MaxValue) - 3)) lines.Line("  " + part);
        }
        List<(string, string)> sentences = [.. Sentences(at, "").Take(SentencesMax + 1)];
        if (sentences.Count > SentencesMax) sentences = [.. at.Next.Select(step => (step.Shown, step.Help))];
        if (sentences.Count > 0) lines.Line("");
        Table(lines, sentences, width);
        lines.End();
    }

    private static void Overview(ILines lines, Scope scope, int? width)
    {
        Table(lines, [.. scope.Root.Next.Select(verb => (verb.Shown, verb.Help))], width);
        string[] more =
        [
            "",
            "'help STATEMENT' tells more about one, also of its beginning: help set services.",
            "'?' anywhere in a line shows what may come next; TAB completes words and names.",
            "Words may be shortened while they are clear: sh wor.",
            scope.IsConfiguring
                ? "'run STATEMENT' does one as outside of configure mode; 'exit' or Ctrl-D leaves it."
                : "'configure' goes to configure mode, where 'edit' works on one thing.",
        ];
        foreach (string line in more) lines.Line(line);
        lines.End();
    }

    /// <summary>The text of the last step on the way that has one.</summary>
    private static string? Explained(string about, Scope scope)
    {
        string? text = null;
        List<Token> tokens = Token.SplitOpen(about);
        for (int count = 1; count <= tokens.Count; count++)
            text = StatementParser.Look(about[..tokens[count - 1].End] + " ", scope).At.About ?? text;
        return text;
    }

    /// <summary>What can stand behind a step until the end of a line, each with the help of its last word.</summary>
    private static IEnumerable<(string Words, string Help)> Sentences(Step step, string before)
    {
        foreach (Step next in step.Next)
        {
            string words = $"{before} {next.Shown}{(next.Repeats && !next.TakesRest ? " …" : "")}".TrimStart();
            if (next.Means is not null) yield return (words, next.Help);
            foreach ((string, string) longer in Sentences(next, words)) yield return longer;
        }
    }

    private static void Table(ILines lines, List<(string Left, string Right)> rows, int? width)
    {
        int left = rows.Count == 0 ? 0 : rows.Max(row => row.Left.Length);
        int room = (width ?? int.MaxValue) - left - 5;
        foreach ((string words, string help) in rows)
        {
            string before = $"  {words.PadRight(left)}  ";
            if (room < HelpMin)
            {
                lines.Line("  " + words);
                before = "        ";
            }
            int columns = room < HelpMin ? Math.Max(HelpMin, width!.Value - before.Length - 1) : room;
            foreach (string line in Wrapping.Lines(help, columns))
            {
                lines.Line(before + line);
                before = new(' ', before.Length);
            }
        }
    }
}
