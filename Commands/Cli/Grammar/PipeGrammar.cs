using System.Globalization;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>What may stand behind a '|'.</summary>
static class PipeGrammar
{
    public static readonly Step Root = Word("", "pass the output on",
        Word("match", "keep what matches", Value(Slot.Pattern, "a regular expression, in quotes when it has blanks",
            values => new ConsoleStatement.Pipe(new Filter.Match(Pattern.Parse(values[0]), Keeps: true)))),
        Word("except", "keep what does not match",
            Value(Slot.Pattern, "a regular expression, in quotes when it has blanks",
                values => new ConsoleStatement.Pipe(new Filter.Match(Pattern.Parse(values[0]), Keeps: false)))),
        Word("count", "say how many rows or lines there are", _ => new ConsoleStatement.Pipe(new Filter.Count())),
        Word("last", "keep the last rows or lines", Value(Slot.Count, "how many", values =>
            new ConsoleStatement.Pipe(new Filter.Last(int.Parse(values[0], CultureInfo.InvariantCulture))))),
        Word("no-more", "do not stop at each page", _ => new ConsoleStatement.Pipe(new Filter.NoMore())),
        Word("display", "show a listing in another form",
            Form("json", "as one JSON document", OutputFormat.Json),
            Form("jsonl", "as a JSON object a line", OutputFormat.JsonLines),
            Form("csv", "as comma-separated values", OutputFormat.Csv)),
        Word("save", "write it to a file of this machine",
            Value(Slot.File, "the file, which is overwritten when it is there", values =>
                new ConsoleStatement.Pipe(new Filter.Save(values[0]))))) with
    {
        Words = ["|"],
    };

    private static Step Form(string word, string help, OutputFormat format) =>
        Word(word, help, _ => new ConsoleStatement.Pipe(new Filter.Display(format)));
}
