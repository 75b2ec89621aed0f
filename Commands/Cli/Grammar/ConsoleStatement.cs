using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>What a line of the console means, once the grammar has read it.</summary>
abstract record ConsoleStatement
{
    /// <summary>One statement that the broker answers.</summary>
    public sealed record Ask(Verb Verb, ObjectKind Kind, string Name, string Property, params string[] Values)
        : ConsoleStatement;

    /// <summary>Goes to configure mode.</summary>
    public sealed record Configure : ConsoleStatement;

    /// <summary>Leaves the mode, and the console from its outermost mode.</summary>
    public sealed record Exit : ConsoleStatement;

    /// <summary>Explains what may follow some words, or everything.</summary>
    public sealed record Help(IReadOnlyList<Token> About) : ConsoleStatement;
}
