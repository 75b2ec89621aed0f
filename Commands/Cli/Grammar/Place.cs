using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>How far a line has been read along the grammar's tree.</summary>
sealed class Place(string line, Scope scope)
{
    private static readonly Step Yes = Step.Word("--yes", "do not ask first");

    private readonly List<string> _values = [];
    private readonly List<string> _words = [];
    private Step _pipes = PipeGrammar.Root;
    private readonly List<Filter> _filters = [];
    private ConsoleStatement? _source;
    private bool _isFirst = true;
    private bool _hasOutput;
    private bool _isConfirmed;
    private Token? _rest;
    private int _restEnd;

    /// <summary>The step that was reached.</summary>
    public Step At { get; private set; } = scope.Root;

    /// <summary>Some value is one that no history may have.</summary>
    public bool HasSecret { get; private set; }

    /// <summary>What comes now is a statement that is to be explained.</summary>
    public bool ExplainsNext => !_isFirst && At.Words is ["help", ..];

    public bool CanEnd => At.Means is not null;

    /// <summary>The line as it can be typed at the top, no word shortened.</summary>
    public string Spelled => string.Join(' ', _rest is { } rest ? [.. _words, Spell(rest)] : _words);

    /// <summary>What may come next.</summary>
    public IReadOnlyList<Step> Possible
    {
        get
        {
            List<Step> possible = _isConfirmed ? [] : [.. At.Next];
            if (At.Repeats) possible.Insert(0, At);
            if (At.Destroys is not null && !_isConfirmed) possible.Add(Yes);
            if (CanEnd && _hasOutput) possible.Add(_pipes);
            return possible;
        }
    }

    public void Advance(Token token)
    {
        if (token.IsPipe && CanEnd && _hasOutput)
        {
            Take();
            At = _pipes;
            return;
        }
        Step step = Choose(token);
        if (ReferenceEquals(step, Yes))
        {
            _isConfirmed = true;
            return;
        }
        if (step.TakesRest) TakeRest(token);
        else TakeWord(step, token);
        At = step;
        _hasOutput |= step.HasOutput;
        _pipes = step.Pipes ?? _pipes;
        if (_isFirst && step.IsRelative) FollowPath(token);
        _isFirst = false;
    }

    /// <summary>What the line means when it ends here.</summary>
    public ConsoleStatement End()
    {
        Take();
        return _filters.Count == 0 ? _source! : new ConsoleStatement.Piped(_source!, _filters);
    }

    /// <summary>Takes what was read up to a '|' or to the end.</summary>
    private void Take()
    {
        if (At.Means is not { } means) throw Incomplete();
        if (_rest is not null) FinishRest();
        ConsoleStatement statement = means(new Values(_values));
        if (statement is ConsoleStatement.Pipe pipe) _filters.Add(pipe.Filter);
        else _source = _isConfirmed || At.Destroys is null ? statement : statement with { Destroys = At.Destroys };
        _values.Clear();
    }

    private void TakeWord(Step step, Token token)
    {
        if (step.Slot is { } slot) _values.Add(Check(slot, token));
        HasSecret |= step.Slot is { IsSecret: true };
        _words.Add(step.Slot is null ? step.Words[0] : step.Slot.IsSecret ? "…" : Quoting.Value(token.Text));
    }

    private void TakeRest(Token token)
    {
        _rest = _rest is null ? token : token with { Start = _rest.Value.Start, IsQuoted = false };
        _restEnd = token.End;
    }

    private void FinishRest()
    {
        Token rest = _rest!.Value;
        Step step = At;
        _values.Add(Check(step.Slot!, rest with { Text = TextOf(rest) }));
        _words.Add(Spell(rest));
        _rest = null;
    }

    /// <summary>All that was typed, quotes and all; of one quoted word, what is in the quotes.</summary>
    private string TextOf(Token rest) => rest.IsQuoted ? rest.Text : line[rest.Start.._restEnd];

    private string Spell(Token rest) => rest.IsQuoted ? Quoting.Value(rest.Text) : TextOf(rest);

    /// <summary>Goes along the edit path as if it had been typed.</summary>
    private void FollowPath(Token verb)
    {
        foreach (PathElement element in scope.Path.Elements)
        {
            Step? next = At.Next.FirstOrDefault(step =>
                element.IsName ? step.Slot is not null : step.Words.Contains(element.Text));
            if (next is null)
                throw new StatementException(line, verb.Start,
                    $"'{At.Shown}' means nothing at [edit {Visible.Escape(scope.Path.ToString())}]",
                    fix: $"'top {verb.Text} …' begins at the top; 'top' alone goes there");
            if (element.IsName) _values.Add(next.Slot!.Check(element.Text));
            _words.Add(element.IsName ? Quoting.Value(element.Text) : element.Text);
            At = next;
        }
    }

    private Step Choose(Token token)
    {
        IReadOnlyList<Step> possible = Possible;
        if (At.TakesRest) return At;
        Step? slot = possible.FirstOrDefault(step => step.Slot is not null);
        if (token.IsQuoted && slot is not null) return slot;
        bool isWord = token.Text.Length > 0 && !token.IsQuoted;
        if (isWord && possible.FirstOrDefault(step => step.Words.Contains(token.Text)) is { } whole) return whole;
        if (slot is not null) return slot;
        Step[] begun = isWord ? [.. possible.Where(step => Begins(step, token.Text))] : [];
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

    private StatementException Incomplete()
    {
        IReadOnlyList<Step> possible = Possible;
        string missing = possible.Count == 1 ? $"{possible[0].Shown} is missing" : "the statement is not complete";
        return new(line, line.TrimEnd().Length, missing, Listed(possible));
    }

    private StatementException Unknown(Token token, IReadOnlyList<Step> possible)
    {
        string shown = Visible.Escape(token.Text);
        if (possible.Count == 0)
            return new(line, token.Start, $"nothing may follow here, but there is '{shown}'",
                fix: "a value with blanks in it is written in quotes");
        if (_isFirst && Elsewhere(token.Text) is var (mode, way))
            return new(line, token.Start, $"'{shown}' belongs to {mode}", fix: way);
        return new(line, token.Start, $"'{shown}' is not known here", Listed(possible),
            Spelling.Suggest([.. Near(token.Text, possible)]));
    }

    /// <summary>What is said to be wanted though it destroys is said in full.</summary>
    private static bool Begins(Step step, string text) =>
        !ReferenceEquals(step, Yes) && step.Words.Any(word => word.StartsWith(text, StringComparison.Ordinal));

    /// <summary>The mode that has a verb which this one has not, and how to come there.</summary>
    private (string Mode, string Way)? Elsewhere(string verb)
    {
        if (Has(ConsoleGrammar.Operation, verb)) return ("the mode outside of this one", $"exit, or: run {verb} …");
        if (!scope.IsConfiguring && Has(ConsoleGrammar.Configuration, verb)) return ("configure mode", "configure");
        string way = scope.IsConfiguring ? "run configure candidate" : "configure candidate";
        return Has(ConsoleGrammar.Candidate, verb) ? ("configure candidate", way) : null;
    }

    /// <summary>Words that are close to one, of each step the closest.</summary>
    private static IEnumerable<string> Near(string text, IReadOnlyList<Step> possible) =>
        Spelling.Close(text, possible.SelectMany(step => step.Words))
            .DistinctBy(word => possible.First(step => step.Words.Contains(word)));

    private static bool Has(Step root, string verb) => root.Next.Any(step => step.Words.Contains(verb));

    private static string Listed(IReadOnlyList<Step> steps) =>
        "possible here: " + string.Join(", ", steps.Select(step => step.Shown));
}
