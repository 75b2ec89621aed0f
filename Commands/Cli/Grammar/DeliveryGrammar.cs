using TriggerFs.Core.Messages;
using static TriggerFs.Commands.Cli.Grammar.Step;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>How the messages of a service or a trigger are delivered.</summary>
static class DeliveryGrammar
{
    private const string About = """
        What a trigger says wins over its service. It holds for asynchronous triggers; priority,
        max-inflight and on-busy for requests that somebody waits for, too.
          set triggers backup retry 5
          set triggers backup backoff 1s..5m    # twice as long after each failure
          set triggers backup max-inflight 1    # never two at once
          set triggers backup on-busy drop      # and none waits behind the one that runs
        """;

    /// <summary>What <c>set</c> may change.</summary>
    public static Step[] Set(ObjectKind kind) =>
    [
        Word("backoff", "how long a message that failed waits for its next attempt",
            Value(Slot.Backoff, "such as 1s..5m; 10s for always the same", Setting(kind, Properties.Backoff))),
        Word("ttl", "how old a message may become before it is given up",
            Value(Slot.Ttl, "such as 10m or 7d", Setting(kind, Properties.Ttl))),
        Word("priority", "what has more goes first",
            Value(Slot.Priority, "0 to 9; 4 unless it is set", Setting(kind, Properties.Priority))),
        Word("max-inflight", "how many may run at once",
            Value(Slot.Inflight, "0 for as many as the workers take", Setting(kind, Properties.MaxInflight))),
        Word("on-busy", "what becomes of a message that cannot start at once",
            Fixed(kind, Properties.OnBusy, "queue", "it waits for its turn"),
            Fixed(kind, Properties.OnBusy, "reject", "it is refused; an asynchronous one is a dead letter"),
            Fixed(kind, Properties.OnBusy, "drop", "it is left out"),
            Fixed(kind, Properties.OnBusy, "replace", "it takes the place of those that wait")) with
        {
            About = About,
        },
        Word("unique", "whether messages of a trigger that wait and are equal become one",
            Fixed(kind, Properties.Unique, "on", "they do"),
            Fixed(kind, Properties.Unique, "off", "each is carried out")),
        .. kind == ObjectKind.Trigger ? (Step[])[OnFull] : [],
    ];

    /// <summary>What <c>delete</c> sets back.</summary>
    public static Step[] Delete(ObjectKind kind) => [.. Set(kind).Select(step => Word(step.Words[0],
        kind == ObjectKind.Trigger && step.Words[0] != Properties.OnFull ? "back to the service's" : "as it was made",
        values => new ConsoleStatement.Ask(Verb.Set, kind, values[0], step.Words[0], "")))];

    private static Step OnFull => Word("on-full", "what a mount does whose spool has no room for a message",
        Fixed(ObjectKind.Trigger, Properties.OnFull, "refuse", "the write fails: no space left on device"),
        Fixed(ObjectKind.Trigger, Properties.OnFull, "drop-oldest", "the oldest messages of the trigger make room"));

    private static Func<Values, ConsoleStatement> Setting(ObjectKind kind, string property) =>
        values => new ConsoleStatement.Ask(Verb.Set, kind, values[0], property, values[1]);

    private static Step Fixed(ObjectKind kind, string property, string value, string help) =>
        Word(value, help, values => new ConsoleStatement.Ask(Verb.Set, kind, values[0], property, value));
}
