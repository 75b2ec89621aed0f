using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>What somebody at a terminal did with a prompt.</summary>
/// <param name="Text">The line; null when there is none.</param>
/// <param name="IsOver">The input ended: Ctrl-D on an empty line, or a terminal that is gone.</param>
readonly record struct TypedLine(string? Text, bool IsOver = false)
{
    /// <summary>Ctrl-C gave the line up.</summary>
    public static readonly TypedLine Cancelled = new(null);

    public static readonly TypedLine End = new(null, IsOver: true);
}

/// <summary>Reads lines from somebody at a terminal. Blocks while he types.</summary>
interface ILineReader
{
    /// <summary>A statement that is typed in a mode and at a place of the configuration.</summary>
    TypedLine Read(string prompt, Scope scope);

    /// <summary>An answer to a question.</summary>
    TypedLine Ask(string question);

    /// <summary>An answer that is not shown while it is typed.</summary>
    TypedLine AskHidden(string question);

    /// <summary>A single key; null when there are no single keys here, or the terminal is gone.</summary>
    Key? ReadKey();
}
