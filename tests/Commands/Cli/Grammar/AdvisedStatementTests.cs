using System.Text.RegularExpressions;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

/// <summary>Messages tell people what to type next, and that must work.</summary>
public sealed partial class AdvisedStatementTests
{
    [Fact]
    public void What_a_message_says_to_type_in_the_console_is_a_statement()
    {
        int count = 0;
        var wrong = new List<string>();
        // The grammar has parts of statements in it, and words about them.
        foreach (string file in Sources.Product.Where(static file => !file.Contains("/Cli/Grammar/")))
        {
            foreach (Match match in Advice().Matches(File.ReadAllText(file)))
            {
                count++;
                string line = Placeholder().Replace(match.Groups["line"].Value, "7").Trim();
                try
                {
                    StatementParser.Parse(line);
                }
                catch (TriggerException problem)
                {
                    wrong.Add($"{Sources.Relative(file)}: {line}: {problem.Message}, {problem.Why}");
                }
            }
        }
        Assert.InRange(count, 50, int.MaxValue); // They are found.
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>At the beginning of a string, in quotes or behind a colon; up to what is no word of it.</summary>
    [GeneratedRegex("""
        ("|'|:\ )(?<line>
            (show|(set|delete|rename|copy|clear|monitor|request)\ (workers?|services?|triggers?|directory|users?
                |teams?|invitation|dead-letter|mailbox|hits))
            (\ (\{[^{}"]*\}|[A-Za-z][-A-Za-z/]*))+)(?=["';,:)])
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Advice();

    /// <summary>What people replace by a name or a number of theirs.</summary>
    [GeneratedRegex(@"\{[^{}]*\}|\b[A-Z]+\b")]
    private static partial Regex Placeholder();
}
