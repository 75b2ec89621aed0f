using System.Globalization;
using System.Text;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Queue;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// The statements about messages that were given up: whoever may change the trigger sees them, sends them again, and
/// drops them, one or all of it; when the trigger is gone, the team's admins do.
/// </summary>
static class DeadLetterStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.DeadLetter, "", 0, 0, Show),
        new(Verb.Show, ObjectKind.DeadLetter, Properties.Payload, 0, 0, ShowPayload),
        new(Verb.Show, ObjectKind.DeadLetter, Properties.Output, 0, 0, ShowOutput),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Retry, 0, 1, Retry),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Edit, 1, 1, Edit),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Drop, 0, 0, Drop),
        new(Verb.Request, ObjectKind.Trigger, Properties.RetryDead, 0, 0, SendAllAgain),
        new(Verb.Request, ObjectKind.Trigger, Properties.DropDead, 0, 0, DropAll),
        new(Verb.Request, ObjectKind.Service, Properties.RetryDead, 0, 0, SendAllAgain),
        new(Verb.Request, ObjectKind.Service, Properties.DropDead, 0, 0, DropAll),
    ];

    private static Decision Show(Statement statement) => statement.Name.Length > 0
        ? DeadLetterTable.One(statement.Roster, One(statement))
        : DeadLetterTable.All(statement.Roster, Visible(statement));

    private static Decision ShowPayload(Statement statement) =>
        DeadLetterTable.Bytes(Properties.Payload, Posted.PayloadOf(One(statement).Message));

    private static Decision ShowOutput(Statement statement) =>
        DeadLetterTable.Bytes(Properties.Output, One(statement).Output);

    private static Decision Retry(Statement statement)
    {
        DeadLetter letter = One(statement);
        Node? other = statement.Values.Count == 0 ? null : Other(statement, letter);
        if (other is null || other.Id == letter.Message.Trigger) return Send(statement, letter, Next(letter.Message));
        return Send(statement, letter, letter.Message with
        {
            Trigger = other.Id,
            Payload = Posted.PayloadOf(letter.Message).ToArray(),
            Attempt = 1, // To that trigger it is new, and what it does was never tried.
        });
    }

    /// <summary>The message says something else, and is sent again.</summary>
    private static Decision Edit(Statement statement)
    {
        DeadLetter letter = One(statement);
        byte[] payload = Encoding.UTF8.GetBytes(statement.Values[0]);
        int limit = statement.Roster.Node(letter.Message.Trigger)?.Trigger?.Limit ?? Limits.PayloadMax;
        if (payload.Length > limit)
            throw new TriggerException(ErrorCode.TooLarge, $"{payload.Length} bytes are too many",
                $"the trigger takes {limit}");
        return Send(statement, letter, Next(Posted.With(letter.Message, payload)));
    }

    /// <summary>All that were for a trigger, in the order in which they were taken.</summary>
    private static Decision SendAllAgain(Statement statement)
    {
        DeadLetter[] letters = AllNamed(statement);
        return Decision.Store($"{Statement.Messages(letters.Length)} sent again",
            [.. letters.SelectMany(letter => Sent(statement, letter, Next(letter.Message)))]);
    }

    private static Decision DropAll(Statement statement)
    {
        DeadLetter[] letters = AllNamed(statement);
        return Decision.Store($"{Statement.Messages(letters.Length)} dropped",
            [.. letters.Select(static letter => new Change.DropDeadLetter(letter.Id))]);
    }

    /// <summary>To where it was sent before: it may have been carried out, and its number says so.</summary>
    private static QueuedMessage Next(QueuedMessage message) => message with { Attempt = message.Attempt + 1 };

    private static Decision Send(Statement statement, DeadLetter letter, QueuedMessage message) =>
        Decision.Store($"message {letter.Id} is sent again", Sent(statement, letter, message));

    /// <summary>
    /// Its attempts begin anew; its mark stays, so that its sender cannot send it a second time. Both changes are one:
    /// it is neither lost nor there twice.
    /// </summary>
    private static Change[] Sent(Statement statement, DeadLetter letter, QueuedMessage message)
    {
        long nowUnixMs = statement.Office.Clock.UnixMs(statement.Now);
        QueuedMessage again = message with
        {
            Failures = 0,
            Losses = 0,
            DueUnixMs = nowUnixMs, // A worker that comes back may still run what was given up: that is not its answer.
            WrittenUnixMs = nowUnixMs, // Its time to live begins anew, too.
            TakenUnixMs = nowUnixMs,
        };
        return [new Change.DropDeadLetter(letter.Id), new Change.PutMessage(again)];
    }

    /// <summary>Another trigger to send it to, by its path or number, which the asker may write to.</summary>
    private static Node Other(Statement statement, DeadLetter letter)
    {
        string named = statement.Values[0];
        Node node = named.StartsWith('/') ? statement.At(named) : Places.Numbered(statement, named);
        string path = statement.Roster.PathOf(node.Id).Value;
        if (node.Trigger is not { } rules)
            throw new TriggerException(ErrorCode.Invalid, $"'{path}' is a directory, not a trigger");
        Service? service = rules.Service is { } attached ? statement.Roster.Service(attached) : null;
        if (!Permissions.MayFire(statement.Roster, statement.Actor, node, service))
            throw new TriggerException(ErrorCode.NotAllowed, $"trigger '{path}' is not yours to use");
        int size = Posted.PayloadOf(letter.Message).Length;
        if (size > rules.Limit)
            throw new TriggerException(ErrorCode.TooLarge, "the message is too large for that trigger",
                $"it has {size} bytes, and the trigger takes {rules.Limit}");
        return node;
    }

    private static Decision Drop(Statement statement) =>
        Decision.Store("", new Change.DropDeadLetter(One(statement).Id));

    private static DeadLetter[] AllNamed(Statement statement)
    {
        NodeId trigger = statement.ChangeableQueue();
        return [.. statement.Roster.DeadLetters(statement.Team).Where(letter => letter.Message.Trigger == trigger)];
    }

    private static IEnumerable<DeadLetter> Visible(Statement statement) =>
        statement.Roster.DeadLetters(statement.Team).Where(letter => IsFor(statement, letter));

    private static DeadLetter One(Statement statement) =>
        long.TryParse(statement.Name, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            && statement.Roster.DeadLetter(statement.Team, id) is { } letter && IsFor(statement, letter)
            ? letter : throw Statement.Missing("dead letter", statement.Name, "show dead-letters");

    private static bool IsFor(Statement statement, DeadLetter letter) =>
        statement.Roster.Node(letter.Message.Trigger) is { } node
            ? Permissions.Allow(statement.Actor, Right.Change, node) : statement.Actor.Role == TeamRole.Admin;
}
