using System.Text.RegularExpressions;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>What a line of the console means, once the grammar has read it.</summary>
abstract record ConsoleStatement
{
    /// <summary>What is lost when it is done, to be asked about first; null when nothing is, or yes was said.</summary>
    public string? Destroys { get; init; }

    /// <summary>One statement that the broker answers.</summary>
    public sealed record Ask(Verb Verb, ObjectKind Kind, string Name, string Property, params string[] Values)
        : ConsoleStatement;

    /// <summary>One that the broker answers, with a secret, which is not in its words, behind its values.</summary>
    public sealed record AskWithSecret(Ask Statement) : ConsoleStatement;

    /// <summary>Signs in to another team.</summary>
    public sealed record GoTo(string Team) : ConsoleStatement;

    /// <summary>Runs a plugin on a service and shows its output as it comes.</summary>
    /// <param name="TimeoutMs">In ms; 0 for the service's own.</param>
    public sealed record Request(string Service, string Plugin, uint TimeoutMs, string Command) : ConsoleStatement;

    /// <summary>Shows what happens, as it happens, until it is interrupted.</summary>
    public sealed record Monitor(ObjectKind Kind, string Name) : ConsoleStatement;

    /// <summary>Opens a shell among the team's files.</summary>
    public sealed record Shell : ConsoleStatement;

    /// <summary>Does the lines of a file.</summary>
    public sealed record Load(string Path) : ConsoleStatement;

    /// <summary>Goes to configure mode.</summary>
    public sealed record Configure : ConsoleStatement;

    /// <summary>Goes to configure mode with a working copy.</summary>
    public sealed record ConfigureCandidate : ConsoleStatement;

    /// <summary>Shows the statements of the working copy.</summary>
    public sealed record ShowCandidate : ConsoleStatement;

    /// <summary>Commits the working copy, or checks whether it could be.</summary>
    /// <param name="ConfirmMs">It is taken back in so many ms unless it is confirmed; 0 for no.</param>
    public sealed record Commit(CommitAction Action, string Comment = "", uint ConfirmMs = 0) : ConsoleStatement;

    /// <summary>Goes back so many changes of the configuration; 0 forgets the working copy.</summary>
    public sealed record Back(int Count) : ConsoleStatement;

    /// <summary>Takes what others changed meanwhile as seen.</summary>
    public sealed record Update : ConsoleStatement;

    /// <summary>Goes to a place of the configuration.</summary>
    /// <param name="Look">Shows the thing that is edited, to see that it is there; null for a kind of things.</param>
    public sealed record Edit(IReadOnlyList<PathElement> Path, Ask? Look) : ConsoleStatement;

    /// <summary>Opens a message that was given up in an editor, and sends it again when it was changed.</summary>
    public sealed record EditLetter(string Id) : ConsoleStatement;

    /// <summary>Goes some words of the edit path up.</summary>
    public sealed record Up(int Count) : ConsoleStatement;

    /// <summary>Goes to the top of the configuration.</summary>
    public sealed record Top : ConsoleStatement;

    /// <summary>Leaves the place or the mode, and the console from its outermost mode.</summary>
    public sealed record Exit : ConsoleStatement;

    /// <summary>Explains a statement or the beginning of one; everything when it is empty.</summary>
    /// <param name="IsBrief">Only what may come next: '?' instead of <c>help</c>.</param>
    public sealed record Help(string About, bool IsBrief = false) : ConsoleStatement;

    /// <summary>What stands behind one '|'; a part of a line.</summary>
    public sealed record Pipe(Filter Filter) : ConsoleStatement;

    /// <summary>A statement whose output goes through some filters, one after another.</summary>
    public sealed record Piped(ConsoleStatement Source, IReadOnlyList<Filter> Filters) : ConsoleStatement;
}

/// <summary>What a '|' does with what comes through it.</summary>
abstract record Filter
{
    /// <summary>Keeps the lines, or the rows of a listing, that match; or those that do not.</summary>
    public sealed record Match(Regex Pattern, bool Keeps) : Filter;

    /// <summary>Says how many lines, or rows, there are.</summary>
    public sealed record Count : Filter;

    /// <summary>Keeps the last ones.</summary>
    public sealed record Last(int Lines) : Filter;

    /// <summary>Does not stop at the end of each page.</summary>
    public sealed record NoMore : Filter;

    /// <summary>Shows a listing in another form.</summary>
    public sealed record Display(OutputFormat Format) : Filter;

    /// <summary>Shows what a working copy would change, or going back so many changes.</summary>
    public sealed record Compare(int? Back) : Filter;

    /// <summary>Writes it to a file.</summary>
    public sealed record Save(string Path) : Filter;
}
