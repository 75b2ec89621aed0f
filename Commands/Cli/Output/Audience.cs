namespace TriggerFs.Commands.Cli.Output;

/// <summary>
/// Who a console talks with: where output goes, how it is shown there, and whether somebody can be asked.
/// </summary>
/// <param name="output">What statements print.</param>
/// <param name="errors">What is not a part of that.</param>
/// <param name="screen">The terminal behind the output; null when it is a file, a pipe or a program.</param>
/// <param name="keyboard">The terminal behind the input, if a person can be asked there.</param>
sealed class Audience(TextWriter output, TextWriter errors, IScreen? screen = null, IKeyboard? keyboard = null)
{
    public TextWriter Output => output;

    public TextWriter Errors => errors;

    /// <summary>Columns that output has to fit into; null for no limit.</summary>
    public int? Width => screen?.Columns;

    public bool IsTerminal => screen is not null;

    /// <summary>Where the lines of one statement go.</summary>
    public ILines Lines() => new WrittenLines(output, IsTerminal);

    /// <summary>Where the lines of one statement go that somebody reads page by page if he can.</summary>
    public ILines Pages() => screen is null || keyboard is null ? Lines() : keyboard.Paged(Lines());

    /// <summary>Tells a person of letters that wait.</summary>
    public void TellUnread(uint count)
    {
        if (count > 0 && IsTerminal)
            output.WriteLine($"You have {count} new {(count == 1 ? "letter" : "letters")}: show mailbox");
    }

    /// <summary>Asks a question that is answered with yes or no; null when there is nobody to ask.</summary>
    public bool? Confirm(string question)
    {
        output.Flush();
        return keyboard?.Confirm(question);
    }
}

/// <summary>A terminal that shows things.</summary>
interface IScreen
{
    /// <summary>Columns at the moment.</summary>
    int Columns { get; }

    /// <summary>Rows at the moment.</summary>
    int Rows { get; }
}

/// <summary>A terminal that somebody sits at.</summary>
interface IKeyboard
{
    /// <summary>Asks a question; anything but yes is no.</summary>
    bool Confirm(string question);

    /// <summary>Asks for what is not shown while it is typed; null when it was given up.</summary>
    string? AskHidden(string question);

    /// <summary>Stops at the end of each page, if pages are read here.</summary>
    ILines Paged(ILines lines);
}
