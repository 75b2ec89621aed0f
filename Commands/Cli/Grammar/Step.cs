namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>
/// One place in the grammar: a word (with its other spellings) or a slot for a value, what it is for, what may follow,
/// and what the line means when it ends here. Parser, completion, '?' and help all read this tree.
/// </summary>
sealed record Step
{
    /// <summary>The word and its other spellings, the one to show first; empty for a slot.</summary>
    public required IReadOnlyList<string> Words { get; init; }

    /// <summary>What kind of value stands here; null for a word.</summary>
    public Slot? Slot { get; init; }

    /// <summary>One line for '?' and help.</summary>
    public required string Help { get; init; }

    /// <summary>More for <c>help STATEMENT</c>: some sentences, examples; lines of at most 80 columns.</summary>
    public string? About { get; init; }

    public IReadOnlyList<Step> Next { get; init; } = [];

    /// <summary>What a line that ends here means, from the values of its slots; null when it cannot end here.</summary>
    public Func<Values, ConsoleStatement>? Means { get; init; }

    /// <summary>Whether more values of the same kind may follow.</summary>
    public bool Repeats { get; init; }

    /// <summary>
    /// The rest of the line is one value, as it was typed; only a single quoted word is taken out of its quotes.
    /// </summary>
    public bool TakesRest { get; init; }

    /// <summary>A verb whose words begin at the edit path of configure mode.</summary>
    public bool IsRelative { get; init; }

    /// <summary>A verb that prints something, which a '|' can pass on.</summary>
    public bool HasOutput { get; init; }

    /// <summary>What may stand behind a '|' here, when that is more than elsewhere.</summary>
    public Step? Pipes { get; init; }

    /// <summary>
    /// What is lost when a line that ends here is done, for the question before it; null when nothing is.
    /// </summary>
    public string? Destroys { get; init; }

    /// <summary>How the step is shown to people: the word, or the slot's name in capitals.</summary>
    public string Shown => Slot is { } slot ? slot.Placeholder : Words[0];

    /// <summary>A word that other words follow; "workers|worker" has two spellings.</summary>
    public static Step Word(string words, string help, params Step[] next) =>
        new() { Words = words.Split('|'), Help = help, Next = next };

    /// <summary>A word that a line may end with.</summary>
    public static Step Word(string words, string help, Func<Values, ConsoleStatement> means, params Step[] next) =>
        new() { Words = words.Split('|'), Help = help, Means = means, Next = next };

    /// <summary>A value that must be followed by something.</summary>
    public static Step Value(Slot slot, string help, params Step[] next) =>
        new() { Words = [], Slot = slot, Help = help, Next = next };

    /// <summary>A value that a line may end with.</summary>
    public static Step Value(Slot slot, string help, Func<Values, ConsoleStatement> means, params Step[] next) =>
        new() { Words = [], Slot = slot, Help = help, Means = means, Next = next };

    /// <summary>One value or more, with which the line ends.</summary>
    public static Step ValueList(Slot slot, string help, Func<Values, ConsoleStatement> means) =>
        new() { Words = [], Slot = slot, Help = help, Means = means, Repeats = true };

    /// <summary>The rest of the line as one value.</summary>
    public static Step Rest(Slot slot, string help, Func<Values, ConsoleStatement> means) =>
        new() { Words = [], Slot = slot, Help = help, Means = means, Repeats = true, TakesRest = true };
}

/// <summary>The values of a line's slots in their order, checked and in the form that travels.</summary>
sealed class Values(IReadOnlyList<string> all)
{
    public string this[int index] => all[index];

    public int Count => all.Count;

    /// <summary>The values from an index on.</summary>
    public string[] From(int index) => [.. all.Skip(index)];
}
