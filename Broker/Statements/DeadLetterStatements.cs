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

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.DeadLetter, "", 0, 0, Show),
        new(Verb.Request, ObjectKind.DeadLetter, Properties.Retry, 0, 0, Retry),
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

    /// <summary>Its attempts begin anew; its mark stays, so that its sender cannot send it a second time.</summary>
    private static Decision Retry(Statement statement)
    {
        DeadLetter letter = One(statement);
        QueuedMessage again = letter.Message with
        {
            Attempt = letter.Message.Attempt + 1,
            Failures = 0,
            DueUnixMs = 0,
            TakenUnixMs = statement.Now.UnixMs,
        };
        return Decision.Store($"message {letter.Id} is sent again",
            new Change.DropDeadLetter(letter.Id), new Change.PutMessage(again));
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
