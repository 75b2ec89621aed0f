using System.Text;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>What a key is for in a line that is edited, in the words of readline.</summary>
enum KeyKind : byte
{
    /// <summary>A character to insert.</summary>
    Text,
    Enter,
    Tab,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    WordLeft,
    WordRight,
    Backspace,

    /// <summary>Deletes the character under the cursor.</summary>
    Delete,

    /// <summary>Ctrl-D: deletes as well, and ends the input on an empty line.</summary>
    EndOfInput,
    KillWordLeft,
    KillWordRight,
    KillToStart,
    KillToEnd,

    /// <summary>Inserts what was killed last.</summary>
    Yank,

    /// <summary>Ctrl-R: looks for a line of the history.</summary>
    Search,

    /// <summary>Ctrl-G: leaves a search.</summary>
    Abort,
    Interrupt,
    ClearScreen,

    /// <summary>Ctrl-V: the next character is one to insert.</summary>
    Literal,

    /// <summary>A key that means nothing here.</summary>
    Other,
}

/// <summary>One key that was pressed, or one character that was pasted.</summary>
/// <param name="Rune">The character of <see cref="KeyKind.Text"/>.</param>
/// <param name="IsPasted">It was not pressed, so it asks for nothing.</param>
readonly record struct Key(KeyKind Kind, Rune Rune = default, bool IsPasted = false);
