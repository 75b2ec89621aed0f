namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>
/// Reads a line along the grammar's tree. Words may be shortened as long as they are clear; where a value may stand, a
/// word counts only when it is whole, and a quoted word is always a value.
/// </summary>
static class StatementParser
{
    /// <summary>
    /// What a line means; null for an empty one and for a comment (#). Everything else is refused with its place.
    /// </summary>
    public static ConsoleStatement? Parse(string line, Scope? scope = null)
    {
        if (line.AsSpan().TrimStart().StartsWith('#')) return null;
        List<Token> tokens = Token.Split(line);
        if (tokens.Count == 0) return null;
        if (tokens[^1] is { Text: "?", IsQuoted: false } mark)
            return new ConsoleStatement.Help(line[..mark.Start], IsBrief: true);

        var place = new Place(line, scope ?? Scope.Operation);
        foreach (Token token in tokens) place.Advance(token);
        return place.End();
    }

    /// <summary>
    /// What may come next behind the beginning of a line, whose last word may not be finished; words before it are
    /// refused as <see cref="Parse"/> does.
    /// </summary>
    public static Outlook Look(string beginning, Scope scope)
    {
        List<Token> tokens = Token.SplitOpen(beginning);
        var partial = new Token("", beginning.Length, beginning.Length, IsQuoted: false);
        if (tokens.Count > 0 && tokens[^1].End == beginning.Length)
        {
            partial = tokens[^1];
            tokens.RemoveAt(tokens.Count - 1);
        }
        var place = new Place(beginning, scope);
        foreach (Token token in tokens)
        {
            place.Advance(token);
            if (place.ExplainsNext) return LookAgain(beginning, token.End, scope);
        }
        return new(place.Possible, place.CanEnd, partial, place.At);
    }

    /// <summary>Behind <c>help</c> there are the words of a statement.</summary>
    private static Outlook LookAgain(string beginning, int from, Scope scope)
    {
        Outlook outlook = Look(beginning[from..], scope);
        Token partial = outlook.Partial;
        return outlook with { Partial = partial with { Start = partial.Start + from, End = partial.End + from } };
    }

    /// <summary>A line that is understood as it can be typed at the top, no word shortened.</summary>
    public static string Spell(string line, Scope scope)
    {
        var place = new Place(line, scope);
        foreach (Token token in Token.Split(line)) place.Advance(token);
        return place.Spelled;
    }

    /// <summary>Whether a line that is understood has a secret in it.</summary>
    public static bool HasSecret(string line, Scope scope)
    {
        var place = new Place(line, scope);
        foreach (Token token in Token.Split(line)) place.Advance(token);
        return place.HasSecret;
    }
}

/// <summary>What may come next at a place of a line.</summary>
/// <param name="Possible">The words and values that may stand there.</param>
/// <param name="CanEnd">The line means something as it is.</param>
/// <param name="Partial">What there is of the next word; empty at a place between words.</param>
/// <param name="At">The step that was reached.</param>
sealed record Outlook(IReadOnlyList<Step> Possible, bool CanEnd, Token Partial, Step At)
{
    /// <summary>Those that the next word may yet become.</summary>
    public IEnumerable<Step> Open => Possible.Where(step => Partial.Text.Length == 0
        || step.Slot is not null
        || (!Partial.IsQuoted && step.Words.Any(word => word.StartsWith(Partial.Text, StringComparison.Ordinal))));
}
