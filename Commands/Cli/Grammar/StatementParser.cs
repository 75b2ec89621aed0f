using TriggerFs.Core;

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
    public static ConsoleStatement? Parse(string line)
    {
        if (line.AsSpan().TrimStart().StartsWith('#')) return null;
        List<Token> tokens = Token.Split(line);
        if (tokens.Count == 0) return null;
        if (tokens[^1] is { Text: "?", IsQuoted: false }) return new ConsoleStatement.Help(tokens[..^1]);

        var place = new Place(line);
        foreach (Token token in tokens) place.Advance(token);
        return place.End();
    }

    /// <summary>The steps that may follow some words; refused as <see cref="Parse"/> does.</summary>
    public static IReadOnlyList<Step> Next(IReadOnlyList<Token> tokens)
    {
        var place = new Place(string.Join(' ', tokens.Select(token => token.Text)));
        int at = 0;
        foreach (Token token in tokens)
        {
            place.Advance(token with { Start = at });
            at += token.Text.Length + 1;
        }
        return place.Possible;
    }

    /// <summary>How far a line has been read.</summary>
    private sealed class Place(string line)
    {
        private readonly List<string> _values = [];
        private Step _at = ConsoleGrammar.Root;

        public IReadOnlyList<Step> Possible => _at.Repeats ? [_at, .. _at.Next] : _at.Next;

        public void Advance(Token token)
        {
            Step step = Choose(token);
            if (step.Slot is { } slot) _values.Add(Check(slot, token));
            _at = step;
        }

        public ConsoleStatement End()
        {
            if (_at.Means is { } means) return means(new Values(_values));
            string missing = _at.Next.Count == 1 ? $"{_at.Next[0].Shown} is missing" : "the statement is not complete";
            throw new StatementException(line, line.TrimEnd().Length, missing, Listed(Possible));
        }

        private Step Choose(Token token)
        {
            IReadOnlyList<Step> possible = Possible;
            Step? slot = possible.FirstOrDefault(step => step.Slot is not null);
            if (token.IsQuoted && slot is not null) return slot;
            if (possible.FirstOrDefault(step => step.Words.Contains(token.Text)) is { } whole) return whole;
            if (slot is not null) return slot;
            Step[] begun = token.Text.Length == 0 ? [] : [.. possible.Where(step => Begins(step, token.Text))];
            return begun.Length switch
            {
                1 => begun[0],
                0 => throw Unknown(token, possible),
                _ => throw new StatementException(line, token.Start, $"'{Visible.Escape(token.Text)}' is not clear",
                    "it could be " + string.Join(" or ", begun.Select(step => step.Shown)), "write more of the word"),
            };
        }

        private string Check(Slot slot, Token token)
        {
            try
            {
                return slot.Check(token.Text);
            }
            catch (TriggerException problem) when (problem is not StatementException)
            {
                throw new StatementException(line, token.Start, problem.Message, problem.Why, problem.Fix);
            }
        }

        private StatementException Unknown(Token token, IReadOnlyList<Step> possible)
        {
            string shown = Visible.Escape(token.Text);
            if (possible.Count == 0)
                return new(line, token.Start, $"nothing may follow here, but there is '{shown}'",
                    fix: "a value with blanks in it is written in quotes");
            return new(line, token.Start, $"'{shown}' is not known here", Listed(possible),
                Spelling.Suggest(token.Text, possible.SelectMany(step => step.Words)));
        }

        private static bool Begins(Step step, string text) =>
            step.Words.Any(word => word.StartsWith(text, StringComparison.Ordinal));

        private static string Listed(IReadOnlyList<Step> steps) =>
            "possible here: " + string.Join(", ", steps.Select(step => step.Shown));
    }
}
