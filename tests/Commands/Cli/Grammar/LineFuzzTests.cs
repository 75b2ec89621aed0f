using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;
using Xunit.Abstractions;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

/// <summary>Random and mutated lines through the console's parser and history.</summary>
[Trait("Category", "Fuzz")]
public sealed class LineFuzzTests(ITestOutputHelper output)
{
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
}
