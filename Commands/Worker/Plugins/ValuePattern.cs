using System.Text.RegularExpressions;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// What the whole value of an input must match, in time proportional to the value, whatever the two are: values come
/// from strangers. The expression is made when it is needed first: those of all that is built in take nine megabytes.
/// </summary>
sealed class ValuePattern(string text)
{
    private Regex? _expression;

    private Regex Expression => _expression ??=
        new($"^(?:{text})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>
    /// One from a manifest; throws <see cref="ArgumentException"/> or <see cref="NotSupportedException"/> for a text
    /// that is no such expression.
    /// </summary>
    public static ValuePattern Parse(string text)
    {
        var pattern = new ValuePattern(text);
        _ = pattern.Expression;
        return pattern;
    }

    public bool IsMatch(string value) => Expression.IsMatch(value);

    /// <summary>The expression as the manifest has it.</summary>
    public override string ToString() => text;
}
