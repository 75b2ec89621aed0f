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
        .. WorkerStatements.Rows, .. TokenStatements.Rows, .. ServiceStatements.Rows, .. TriggerStatements.Rows,
        .. TreeStatements.Rows, .. UserStatements.Rows, .. TeamStatements.Rows, .. BrokerStatements.Rows,
        .. MailboxStatements.Rows, .. InvitationStatements.Rows, .. AuditStatements.Rows, .. PlanStatements.Rows,
        .. DeadLetterStatements.Rows, .. QueueStatements.Rows, .. RevisionStatements.Rows, .. ConfigurationTable.Rows,
        .. MonitorStatements.Rows,
    ];

    private static readonly Dictionary<(Verb, ObjectKind, string), Row> ByWords =
        Rows.ToDictionary(row => (row.Verb, row.Kind, row.Property));

    /// <param name="actor">Who asks.</param>
    /// <param name="asked">The statement.</param>
    /// <param name="now">The moment.</param>
    /// <param name="secretHash">What is to be stored of the secret in it; empty for a trial of its rights.</param>
    public Decision Decide(Actor actor, Manage asked, Instant now, string secretHash = "")
    {
        Row row = Find(asked) ?? throw Unknown(asked);
        if (asked.Values.Count < row.ValuesMin || asked.Values.Count > row.ValuesMax)
            throw new TriggerException(ErrorCode.Usage, $"'{row.Words}' has {asked.Values.Count} values",
                $"it takes {row.ValuesMin}" + (row.ValuesMin == row.ValuesMax ? "" : $" to {row.ValuesMax}"));
        if (!Permissions.Allow(office.Roster, actor, row.Deed)) throw NotAllowed(row);
        return row.Handler(new(office, actor, asked, now) { SecretHash = secretHash });
    }

    /// <summary>The row of a statement; null when there is no such statement.</summary>
    public static Row? Find(Manage asked) => ByWords.GetValueOrDefault((asked.Verb, asked.Kind, asked.Property));

    /// <summary>
    /// A statement for people, without secrets: the values of one that nobody knows may be anything, and are left out.
    /// </summary>
    public static string Describe(Manage asked)
    {
        string words = $"{asked.Verb} {asked.Kind} ".ToLowerInvariant() + $"{NameRule.Shown(asked.Name)} ";
        if (Find(asked) is not { } row) return words + "…";
        int shown = row.HidesValues ? 0 : row.SecretAt >= 0 ? row.SecretAt : asked.Values.Count;
        IEnumerable<string> values = asked.Values.Take(shown);
        if (shown < asked.Values.Count) values = values.Append("…");
        return $"{words}{row.Property} {string.Join(' ', values)}".TrimEnd();
    }

    /// <summary>
    /// The new secret in a statement, and the asker's own of now behind it; null for a statement that has none.
    /// </summary>
    public static (string New, string? Current)? SecretIn(Manage asked)
    {
        if (Find(asked) is not { SecretAt: >= 0 and var at } || at >= asked.Values.Count) return null;
        return (asked.Values[at], at + 1 < asked.Values.Count ? asked.Values[at + 1] : null);
    }

    private static TriggerException NotAllowed(Row row) => row.Deed switch
    {
        Deed.Operate => new(ErrorCode.NotAllowed, $"'{row.Words}' is for the operators of the broker",
            "they are the admins of its first team", "ask one of them"),
        Deed.Lead => new(ErrorCode.NotAllowed, $"'{row.Words}' is for admins of the team", null, "ask one of them"),
        _ => new(ErrorCode.NotAllowed, $"'{row.Words}' is not allowed", "your role in this team is observer",
            "ask an admin of the team"),
    };

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
    /// <summary>By which right it is done, besides the right to the thing that it names.</summary>
    public Deed Deed { get; init; } = Verb == Verb.Show ? Deed.Look : Deed.Make;

    /// <summary>
    /// Which of the values is a new secret, of which a hash is stored; the one behind it, which may be missing, is the
    /// asker's own secret of now. -1 for none. They are not written down.
    /// </summary>
    public int SecretAt { get; init; } = -1;

    /// <summary>The values are proofs of something: they are not written down.</summary>
    public bool HidesValues { get; init; }

    /// <summary>A Show that shows a secret: it is written down that it did.</summary>
    public bool IsRevealing { get; init; }

    public string Words => $"{Verb} {Kind} {Property}".ToLowerInvariant().TrimEnd();
}
