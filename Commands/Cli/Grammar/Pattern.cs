using System.Text.RegularExpressions;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>The regular expressions of <c>| match</c> and <c>| except</c>: letters match in either case.</summary>
static class Pattern
{
    /// <summary>How long one line may be looked at: a pattern that tries too much does not hold up a console.</summary>
    private static readonly TimeSpan LineMax = TimeSpan.FromSeconds(1);

    public static Regex Parse(string text)
    {
        try
        {
            return new(text, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, LineMax);
        }
        catch (ArgumentException problem)
        {
            throw new TriggerException(ErrorCode.Invalid, $"'{Visible.Escape(text)}' is not a regular expression",
                problem.Message);
        }
    }
}
