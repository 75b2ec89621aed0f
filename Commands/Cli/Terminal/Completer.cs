using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>What TAB makes of a line.</summary>
/// <param name="Text">What to put in the place of the last word; null when nothing can be added.</param>
/// <param name="From">Where that word begins.</param>
/// <param name="IsOpen">There is something to list.</param>
readonly record struct Completion(string? Text, int From, bool IsOpen);

/// <summary>Completes words from the grammar and names from wherever they come, and lists what there is.</summary>
/// <param name="names">The names that a slot can be completed with, those that begin with a text.</param>
sealed class Completer(Func<Slot, string, IReadOnlyList<string>> names)
{
    /// <summary>Names that are listed; of more, a person types some letters first.</summary>
    private const int NamesMax = 100;

    public Completion Complete(string beginning, Scope scope)
    {
        if (Look(beginning, scope, out _) is not { } outlook) return new(null, 0, IsOpen: true);
        Token partial = outlook.Partial;
        string[] candidates = [.. Words(outlook), .. Names(outlook)];
        if (candidates.Length == 0) return new(null, 0, IsOpen: outlook.Open.Any());
        string common = candidates.Aggregate(Common);
        if (candidates.Length == 1 && !common.EndsWith('/'))
            return new(Written(outlook, common, isWhole: true) + " ", partial.Start, IsOpen: false);
        return common.Length > partial.Text.Length
            ? new(Written(outlook, common, isWhole: false), partial.Start, IsOpen: false)
            : new(null, 0, IsOpen: true);
    }

    /// <summary>What may come next, as '?' shows it; or why what stands there already is wrong.</summary>
    public IReadOnlyList<string> List(string beginning, Scope scope, int columns)
    {
        var lines = new ListedLines();
        if (Look(beginning, scope, out TriggerException? problem) is not { } outlook)
            return [.. TroubleText.Lines(problem!, columns)];
        IReadOnlyList<string> found = Names(outlook);
        IEnumerable<string> shown = found.Take(NamesMax);
        if (found.Count > NamesMax) shown = shown.Append($"… and {found.Count - NamesMax} more");
        GrammarHelp.Brief(lines, beginning, scope, columns, Columns([.. shown], columns - 4));
        return lines.All;
    }

    /// <summary>The word in question and what it may become; null when the line is wrong before it.</summary>
    private static Outlook? Look(string beginning, Scope scope, out TriggerException? problem)
    {
        problem = null;
        try
        {
            return StatementParser.Look(beginning, scope);
        }
        catch (TriggerException wrong)
        {
            problem = wrong;
            return null;
        }
    }

    /// <summary>Words that it may become; of other spellings, the one that was begun.</summary>
    private static IEnumerable<string> Words(Outlook outlook) => outlook.Open
        .Where(step => step.Slot is null)
        .Select(step => step.Words.First(word => word.StartsWith(outlook.Partial.Text, StringComparison.Ordinal)));

    private IReadOnlyList<string> Names(Outlook outlook) =>
        outlook.Possible.FirstOrDefault(step => step.Slot is not null) is { TakesRest: false } step
            ? names(step.Slot!, outlook.Partial.Text) : [];

    /// <summary>A word is written as it is, a name so that it is read back; an open one with an open quote.</summary>
    private static string Written(Outlook outlook, string text, bool isWhole)
    {
        bool isName = outlook.Open.Any(step => step.Slot is not null);
        if (!isName || outlook.Open.Any(step => step.Words.Contains(text))) return text;
        string quoted = Quoting.Value(text);
        if (isWhole) return quoted;
        return quoted == text || Quoting.IsWord(text) ? text : quoted[..^1];
    }

    private static string Common(string one, string other)
    {
        int length = one.AsSpan().CommonPrefixLength(other);
        return one[..length];
    }

    /// <summary>Names side by side, as far as the terminal is wide.</summary>
    private static IEnumerable<string> Columns(string[] all, int width)
    {
        if (all.Length == 0) return [];
        int each = all.Max(Visible.Width) + 2;
        int perLine = Math.Max(1, width / each);
        return all.Chunk(perLine).Select(line => string.Concat(line.Select(name =>
            name + new string(' ', each - Visible.Width(name)))).TrimEnd());
    }

    /// <summary>Keeps the lines.</summary>
    private sealed class ListedLines : ILines
    {
        public List<string> All { get; } = [];

        public bool Line(string text)
        {
            All.Add(text);
            return true;
        }

        public void End()
        {
        }
    }
}
