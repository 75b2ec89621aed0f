using System.Globalization;
using TriggerFs.Core.Messages;

namespace TriggerFs.Core.Model;

/// <summary>What becomes of a message or request that cannot start at once.</summary>
enum OnBusy : byte
{
    /// <summary>It waits for its turn.</summary>
    Queue = 1,

    /// <summary>It is refused; what nobody waits for any more is a dead letter.</summary>
    Reject = 2,

    /// <summary>It is left out.</summary>
    Drop = 3,

    /// <summary>It takes the place of those that wait: the newest is carried out.</summary>
    Replace = 4,
}

/// <summary>What a spool does with a message that does not fit in it.</summary>
enum OnFull : byte
{
    /// <summary>The write fails, with ENOSPC.</summary>
    Refuse = 1,

    /// <summary>The oldest messages of the trigger make room.</summary>
    DropOldest = 2,
}

/// <summary>
/// How the messages of a service or of a trigger are delivered. What is null or 0 is not set: a trigger has the
/// service's then, and a service what stands at <see cref="Or"/>.
/// </summary>
/// <param name="Backoff">The time before the next attempt of a message that failed.</param>
/// <param name="TtlMs">How old a message may become before it is given up, in ms.</param>
/// <param name="Priority">0 to 9; what has more goes first.</param>
/// <param name="MaxInflight">How many may run at once.</param>
/// <param name="OnBusy">What becomes of one that cannot start at once.</param>
/// <param name="Unique">Messages of a trigger that wait and are equal become one.</param>
/// <param name="OnFull">Of a trigger: what a spool does that has no room.</param>
readonly record struct Delivery(
    Backoff? Backoff = null, uint TtlMs = 0, byte? Priority = null, ushort MaxInflight = 0, OnBusy OnBusy = 0,
    bool? Unique = null, OnFull OnFull = 0)
{
    /// <summary>The priority of what names none: as many are above it as below, and one more.</summary>
    public const byte PriorityDefault = 4;

    public const byte PriorityMax = 9;

    private static readonly (string Word, OnBusy Value)[] Busy =
        [("queue", OnBusy.Queue), ("reject", OnBusy.Reject), ("drop", OnBusy.Drop), ("replace", OnBusy.Replace)];

    private static readonly (string Word, OnFull Value)[] Full =
        [("refuse", OnFull.Refuse), ("drop-oldest", OnFull.DropOldest)];

    private static readonly (string Word, bool? Value)[] Switches = [("on", true), ("off", false)];

    public Backoff BackoffOrDefault => Backoff ?? Model.Backoff.Default;

    public byte PriorityOrDefault => Priority ?? PriorityDefault;

    public OnBusy OnBusyOrDefault => OnBusy == 0 ? OnBusy.Queue : OnBusy;

    /// <summary>What the trigger says, and where it says nothing the service.</summary>
    public Delivery Or(Delivery service) => new(
        Backoff ?? service.Backoff,
        TtlMs != 0 ? TtlMs : service.TtlMs,
        Priority ?? service.Priority,
        MaxInflight, // Each has its own, and both hold.
        OnBusy != 0 ? OnBusy : service.OnBusy,
        Unique ?? service.Unique,
        OnFull);

    /// <summary>What is set, by its property and as it travels.</summary>
    public IEnumerable<(string Property, string Value)> Settings
    {
        get
        {
            if (Backoff is { } backoff) yield return (Properties.Backoff, backoff.ToString());
            if (TtlMs != 0) yield return (Properties.Ttl, Number(TtlMs));
            if (Priority is { } priority) yield return (Properties.Priority, Number(priority));
            if (MaxInflight != 0) yield return (Properties.MaxInflight, Number(MaxInflight));
            if (OnBusy != 0) yield return (Properties.OnBusy, WordOf(Busy, OnBusy));
            if (Unique is not null) yield return (Properties.Unique, WordOf(Switches, Unique));
            if (OnFull != 0) yield return (Properties.OnFull, WordOf(Full, OnFull));
        }
    }

    /// <summary>With one property set; an empty value is as if nobody had set it.</summary>
    public Delivery With(string property, string value) => TryWith(property, value)
        ?? throw new ArgumentOutOfRangeException(nameof(property), property, "no such property");

    private Delivery? TryWith(string property, string value) => property switch
    {
        Properties.Backoff => this with { Backoff = value.Length == 0 ? null : Model.Backoff.Parse(value) },
        Properties.Ttl => this with { TtlMs = (uint)NumberOf(value, "a ttl", (long)Limits.TtlMax.TotalMilliseconds) },
        Properties.Priority => this with
        {
            Priority = value.Length == 0 ? null : (byte)NumberOf(value, "a priority", PriorityMax),
        },
        Properties.MaxInflight => this with
        {
            MaxInflight = (ushort)NumberOf(value, "a number at once", Limits.JobsMax),
        },
        Properties.OnBusy => this with { OnBusy = OneOf(Busy, value) },
        Properties.Unique => this with { Unique = OneOf(Switches, value) },
        Properties.OnFull => this with { OnFull = OneOf(Full, value) },
        _ => null,
    };

    /// <summary>Reads what <see cref="ToString"/> wrote, here or in a newer program, whose settings are skipped.
    /// </summary>
    public static Delivery Parse(string text)
    {
        var delivery = default(Delivery);
        foreach (string setting in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            if (setting.Split('=', 2) is [var property, var value])
                delivery = delivery.TryWith(property, value) ?? delivery;
        return delivery;
    }

    /// <summary>As it is stored: <c>ttl=60000 on-busy=replace</c>.</summary>
    public override string ToString() => string.Join(' ', Settings.Select(one => $"{one.Property}={one.Value}"));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static long NumberOf(string text, string what, long max)
    {
        if (text.Length == 0) return 0;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value) && value <= max)
            return value;
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not {what}",
            $"0 to {max} is allowed");
    }

    private static T? OneOf<T>((string Word, T Value)[] words, string text)
    {
        if (text.Length == 0) return default;
        foreach ((string word, T value) in words)
            if (word == text) return value;
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not known here",
            "it is one of " + string.Join(", ", words.Select(pair => pair.Word)));
    }

    private static string WordOf<T>((string Word, T Value)[] words, T value) =>
        words.First(pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Word;
}
