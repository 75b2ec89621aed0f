using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Core;
using Xunit.Abstractions;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

/// <summary>
/// Random and mutated lines through the console's grammar: parser, '?', completion, help and history.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Names = ["demo01", "demo02", "name", "/a b/c", "/a b/d", "übung"];

    private readonly Completer _completer = new(static (slot, beginning) =>
        [.. Names.Where(name => name.StartsWith(beginning, StringComparison.Ordinal) && IsValue(slot, name))]);

    [Fact]
    public void A_line_means_something_or_is_refused_with_its_place()
    {
        long parsed = 0;
        long lines = Fuzz.Rounds("lines-of-the-console", 100_000, random =>
        {
            Scope scope = LineMaker.Scope(random);
            string line = LineMaker.Line(random, scope);
            if (IsParsed(line, scope)) parsed++;
        });
        output.WriteLine($"{lines} lines, {parsed} of them mean something");
        Assert.True(parsed > lines / 20, $"only {parsed} of {lines} lines mean something: the lines are too wild");
    }

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

    private static bool IsParsed(string line, Scope scope)
    {
        ConsoleStatement? statement;
        try
        {
            statement = StatementParser.Parse(line, scope);
        }
        catch (StatementException refused)
        {
            Assert.InRange(refused.At, 0, line.Length);
            Assert.EndsWith("^", refused.Message);
            return false;
        }
        catch (TriggerException refused) when (refused.Code == ErrorCode.TooLarge && line.Length > Limits.TextMax)
        {
            return false; // The place is its end.
        }
        if (statement is ConsoleStatement.Ask or ConsoleStatement.AskWithSecret && !line.Contains("--yes"))
            CheckSpelling(line, scope);
        return statement is not null;
    }

    /// <summary>What is kept of a line until a commit means the same again, at the top of its mode.</summary>
    private static void CheckSpelling(string line, Scope scope)
    {
        if (StatementParser.HasSecret(line, scope)) return;
        string spelled = StatementParser.Spell(line, scope);
        Scope top = scope with { Path = EditPath.Top };
        Assert.Equal(spelled, StatementParser.Spell(spelled, top));
        Assert.Equal(Shown(StatementParser.Parse(line, scope)), Shown(StatementParser.Parse(spelled, top)));
    }

    private static string Shown(ConsoleStatement? statement) => statement switch
    {
        ConsoleStatement.Ask ask => $"{ask with { Values = [] }} {string.Join('\n', ask.Values)}",
        ConsoleStatement.AskWithSecret asked => Shown(asked.Statement),
        _ => $"{statement}",
    };

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
