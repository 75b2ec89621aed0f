using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Core;
using Xunit.Abstractions;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

/// <summary>Each place in random and mutated lines of the console: '?', completion, help and history.</summary>
[Trait("Category", "Fuzz")]
public sealed class PlacesFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["demo01", "demo02", "name", "/a b/c", "/a b/d", "übung"];

    private readonly Completer _completer = new(static (slot, beginning) =>
        [.. Names.Where(name => name.StartsWith(beginning, StringComparison.Ordinal) && IsValue(slot, name))]);

    [Fact]
    public void Everywhere_in_a_line_there_is_something_to_list_or_a_reason_and_completion_leads_on()
    {
        long lines = Fuzz.Rounds("places-in-lines-of-the-console", 400, random =>
        {
            Scope scope = LineMaker.Scope(random);
            string line = LineMaker.Line(random, scope);
            int step = line.Length < 200 ? 1 : line.Length / 8;
            for (int cursor = 0; cursor <= line.Length; cursor += step) CheckCursor(line[..cursor], scope, random);
            Explain(line, scope);
            HistoryFile.MayKeep(line, scope);
        });
        output.WriteLine($"{lines} lines, at each place of them");
    }

    private void CheckCursor(string beginning, Scope scope, Random random)
    {
        bool isRight = IsUnderstood(beginning, scope);
        Completion completion = _completer.Complete(beginning, scope);
        IReadOnlyList<string> listed = _completer.List(beginning, scope, random.Next(1, 200));
        if (!isRight) Assert.NotEmpty(listed);
        if (completion.Text is not { } text) return;
        Assert.InRange(completion.From, 0, beginning.Length);
        string led = beginning[..completion.From] + text;
        Assert.True(IsUnderstood(led, scope), $"'{beginning}' becomes '{led}'");
    }

    private static bool IsValue(Slot slot, string text)
    {
        try
        {
            return slot.Names.Length > 0 && slot.Check(text) is not null;
        }
        catch (TriggerException)
        {
            return false;
        }
    }

    private static bool IsUnderstood(string beginning, Scope scope)
    {
        try
        {
            _ = StatementParser.Look(beginning, scope);
            return true;
        }
        catch (TriggerException)
        {
            return false;
        }
    }

    private static void Explain(string line, Scope scope)
    {
        try
        {
            using var text = new StringWriter();
            GrammarHelp.Full(new WrittenLines(text, isTerminal: false), line, scope, width: 40);
        }
        catch (TriggerException)
        {
            // Help about what is no statement is refused as the statement is.
        }
    }
}
