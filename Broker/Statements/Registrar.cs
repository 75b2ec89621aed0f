using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// Decides statements (<see cref="Manage"/>) against the roster, one at a time: what they show, or what has to be
/// stored. Nothing is changed here. What is wrong or not allowed is refused with a <see cref="TriggerException"/>.
/// </summary>
sealed class Registrar(Office office)
{
    /// <summary>
    /// All statements: more of them are more rows. <see cref="Properties"/> tells what the values are.
    /// </summary>
    public static readonly Row[] Rows =
    [
        .. WorkerStatements.Rows, .. ServiceStatements.Rows, .. TriggerStatements.Rows, .. TreeStatements.Rows,
        .. PeopleStatements.Rows, .. AuditStatements.Rows,
    ];

    private static readonly Dictionary<(Verb, ObjectKind, string), Row> ByWords =
        Rows.ToDictionary(row => (row.Verb, row.Kind, row.Property));

    public Decision Decide(Actor actor, Manage asked, Instant now)
    {
        if (!ByWords.TryGetValue((asked.Verb, asked.Kind, asked.Property), out Row? row)) throw Unknown(asked);
        if (asked.Values.Count < row.ValuesMin || asked.Values.Count > row.ValuesMax)
            throw new TriggerException(ErrorCode.Usage, $"'{row.Words}' has {asked.Values.Count} values",
                $"it takes {row.ValuesMin}" + (row.ValuesMin == row.ValuesMax ? "" : $" to {row.ValuesMax}"));
        if (asked.Verb != Verb.Show && !Permissions.MayCreate(actor))
            throw new TriggerException(ErrorCode.NotAllowed, $"'{row.Words}' is not allowed",
                "your role in this team is observer", "ask an admin of the team");
        return row.Handler(new(office, actor, asked, now));
    }

    /// <summary>The row of a statement; null when there is no such statement.</summary>
    public static Row? Find(Manage asked) => ByWords.GetValueOrDefault((asked.Verb, asked.Kind, asked.Property));

    /// <summary>
    /// A statement for people, without secrets: the values of one that nobody knows may be anything, and are left out.
    /// </summary>
    public static string Describe(Manage asked)
    {
        string words = $"{asked.Verb} {asked.Kind} ".ToLowerInvariant() + $"{NameRule.Shown(asked.Name)} ";
        return Find(asked) is not { } row ? words + "…"
            : $"{words}{row.Property} {(row.HidesValues ? "…" : string.Join(' ', asked.Values))}".TrimEnd();
    }

    private static TriggerException Unknown(Manage asked)
    {
        string[] known = Rows.Where(row => row.Verb == asked.Verb && row.Kind == asked.Kind && row.Property.Length > 0)
            .Select(row => row.Property).ToArray();
        string what = $"{asked.Verb} {asked.Kind} {NameRule.Shown(asked.Property)}".ToLowerInvariant().Trim();
        return new(ErrorCode.Unsupported, $"there is no statement '{what}'",
            known.Length == 0 ? null : "known here: " + string.Join(", ", known));
    }
}

/// <summary>Decides one statement of its kind.</summary>
delegate Decision StatementHandler(Statement statement);

/// <summary>One kind of statement: its words, how many values it takes, and what decides it.</summary>
sealed record Row(
    Verb Verb, ObjectKind Kind, string Property, int ValuesMin, int ValuesMax, StatementHandler Handler)
{
    /// <summary>The values are secrets: they are not written down.</summary>
    public bool HidesValues { get; init; }

    /// <summary>A Show that shows a secret: it is written down that it did.</summary>
    public bool IsRevealing { get; init; }

    public string Words => $"{Verb} {Kind} {Property}".ToLowerInvariant().TrimEnd();
}
