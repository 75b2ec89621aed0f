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
/// drops them; when the trigger is gone, the team's admins do.
/// </summary>
static class DeadLetterStatements
{
    /// <summary>Characters of a message that a list shows.</summary>
    private const int HeadMax = 60;

    /// <summary>Bytes of a message in one cell; base64 makes four of three.</summary>
    private const int PieceMax = 3 * (Limits.TextMax / 4 / 3);

    private static readonly Column[] PayloadColumns = [new("payload", ColumnType.Text)];

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.DeadLetter, "", 0, 0, Show),
        new(Verb.Show, ObjectKind.DeadLetter, Properties.Payload, 0, 0, ShowPayload),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Retry, 0, 1, Retry),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Edit, 1, 1, Edit),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Drop, 0, 0, Drop),
    ];

    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("trigger", ColumnType.Text), new("reason", ColumnType.Text),
        new("attempts", ColumnType.Number), new("user", ColumnType.Text), new("message", ColumnType.Text),
        new("written", ColumnType.Time), new("died", ColumnType.Time),
    ];

    private static Decision Show(Statement statement)
    {
        bool isOne = statement.Name.Length > 0;
        DeadLetter[] letters = isOne ? [One(statement)] : [.. Visible(statement)];
        int textMax = isOne ? Limits.TextMax / 4 : HeadMax;
        return Decision.Show(new(Columns, letters.Select(letter => Cells(statement, letter, textMax)).ToArray()));
    }

    /// <summary>The whole message, in pieces that fit into a cell.</summary>
    private static Decision ShowPayload(Statement statement) => Decision.Show(new(PayloadColumns,
        One(statement).Message.Payload.Chunk(PieceMax).Select(piece => new[] { Convert.ToBase64String(piece) })
            .ToArray()));

    private static Decision Retry(Statement statement)
    {
        DeadLetter letter = One(statement);
        NodeId trigger = statement.Values.Count == 0 ? letter.Message.Trigger : Other(statement, letter);
        return SendAgain(statement, letter, letter.Message with { Trigger = trigger });
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
        return SendAgain(statement, letter, letter.Message with { Payload = payload });
    }

    /// <summary>Its attempts begin anew; its mark stays, so that its sender cannot send it a second time.</summary>
    private static Decision SendAgain(Statement statement, DeadLetter letter, QueuedMessage message)
    {
        QueuedMessage again = message with
        {
            Attempt = message.Attempt + 1,
            Failures = 0,
            DueUnixMs = 0,
            WrittenUnixMs = statement.Now.UnixMs, // Its time to live begins anew, too.
            TakenUnixMs = statement.Now.UnixMs,
        };
        return Decision.Store($"message {letter.Id} is sent again",
            new Change.DropDeadLetter(letter.Id), new Change.PutMessage(again));
    }

    /// <summary>Another trigger to send it to, by its path, which the asker may write to.</summary>
    private static NodeId Other(Statement statement, DeadLetter letter)
    {
        Node node = statement.At(statement.Values[0]);
        if (node.Trigger is not { } rules)
            throw new TriggerException(ErrorCode.Invalid, $"'{statement.Values[0]}' is a directory, not a trigger");
        Service? service = rules.Service is { } attached ? statement.Roster.Service(attached) : null;
        if (!Permissions.MayFire(statement.Roster, statement.Actor, node, service))
            throw new TriggerException(ErrorCode.NotAllowed, $"trigger '{statement.Values[0]}' is not yours to use");
        if (letter.Message.Payload.Length > rules.Limit)
            throw new TriggerException(ErrorCode.TooLarge, "the message is too large for that trigger",
                $"it has {letter.Message.Payload.Length} bytes, and the trigger takes {rules.Limit}");
        return node.Id;
    }

    private static Decision Drop(Statement statement) =>
        Decision.Store("", new Change.DropDeadLetter(One(statement).Id));

    private static IEnumerable<DeadLetter> Visible(Statement statement) =>
        statement.Roster.DeadLetters(statement.Team).Where(letter => IsFor(statement, letter));

    private static DeadLetter One(Statement statement) =>
        long.TryParse(statement.Name, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            && statement.Roster.DeadLetter(statement.Team, id) is { } letter && IsFor(statement, letter)
            ? letter : throw Statement.Missing("dead letter", statement.Name, "show dead-letters");

    private static bool IsFor(Statement statement, DeadLetter letter) =>
        statement.Roster.Node(letter.Message.Trigger) is { } node
            ? Permissions.Allow(statement.Actor, Right.Change, node) : statement.Actor.Role == TeamRole.Admin;

    private static string[] Cells(Statement statement, DeadLetter letter, int textMax) =>
    [
        Table.Number(letter.Id),
        letter.Path,
        letter.Reason,
        Table.Number(letter.Message.Attempt),
        statement.Roster.NameOf(letter.Message.User),
        Text(Posted.PayloadOf(letter.Message), textMax),
        Table.Ms(letter.Message.WrittenUnixMs),
        Table.Ms(letter.DiedUnixMs),
    ];

    private static string Text(ReadOnlySpan<byte> payload, int max)
    {
        string text = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, max)]);
        return text.Length < payload.Length ? $"{text}… ({payload.Length} bytes)" : text;
    }
}
