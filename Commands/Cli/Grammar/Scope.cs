using System.Collections.Immutable;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Where a console is: in which mode, and at which place of the configuration.</summary>
sealed record Scope(bool IsConfiguring, EditPath Path, bool IsCandidate = false)
{
    /// <summary>Where every console begins.</summary>
    public static readonly Scope Operation = new(IsConfiguring: false, EditPath.Top);

    /// <summary>Configure mode at its top.</summary>
    public static readonly Scope Configuration = new(IsConfiguring: true, EditPath.Top);

    /// <summary>Configure mode with a working copy, at its top.</summary>
    public static readonly Scope Candidate = new(IsConfiguring: true, EditPath.Top, IsCandidate: true);

    /// <summary>What a line may begin with here.</summary>
    public Step Root => IsCandidate ? ConsoleGrammar.Candidate
        : IsConfiguring ? ConsoleGrammar.Configuration : ConsoleGrammar.Operation;

    /// <summary>What stands behind the prompt.</summary>
    public string Mode => IsCandidate ? "configure candidate# " : IsConfiguring ? "configure# " : "";
}

/// <summary>One word of an edit path: a word of the grammar, or the name of a thing.</summary>
readonly record struct PathElement(string Text, bool IsName);

/// <summary>
/// The words that are taken as typed behind a verb of configure mode, as <c>edit services demoservice</c> set them.
/// </summary>
/// <param name="Before">Where <c>exit</c> goes back to; null at the top.</param>
sealed record EditPath(ImmutableArray<PathElement> Elements, EditPath? Before)
{
    public static readonly EditPath Top = new([], null);

    public bool IsTop => Elements.IsEmpty;

    /// <summary>The path, some words shorter; leaving it goes where leaving this one would have gone.</summary>
    public EditPath Up(int count) =>
        count >= Elements.Length ? Top : new(Elements[..^count], Before ?? Top);

    /// <summary>As it is typed behind <c>edit</c>.</summary>
    public override string ToString() =>
        string.Join(' ', Elements.Select(element => element.IsName ? Quoting.Value(element.Text) : element.Text));
}
