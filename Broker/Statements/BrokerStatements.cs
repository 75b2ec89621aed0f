using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about the broker itself.</summary>
static class BrokerStatements
{
    private const string Cancel = "cancel";

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Version, "", 0, 0, ShowVersion),
        new(Verb.Request, ObjectKind.Broker, Properties.Announce, 1, 1, Announce) { Deed = Deed.Operate },
        new(Verb.Request, ObjectKind.Broker, Properties.Shutdown, 1, 1, Shutdown) { Deed = Deed.Operate },
    ];

    private static Decision ShowVersion(Statement statement) => Decision.Show(new(
        [new("broker", ColumnType.Text), new("wire", ColumnType.Number)],
        [[statement.Office.Options.Software, Table.Number(MessageCodec.Version)]]));

    /// <summary>A letter to everybody who has an account.</summary>
    private static Decision Announce(Statement statement)
    {
        string text = Values.Description(statement.Values[0]);
        if (text.Length == 0) throw new TriggerException(ErrorCode.Invalid, "there is nothing to announce");
        return Tell(statement, text);
    }

    /// <summary>The value: in how many milliseconds, or that it shall not be.</summary>
    private static Decision Shutdown(Statement statement)
    {
        if (statement.Values[0] == Cancel)
            return Tell(statement, "the broker does not shut down after all") with { Shutdown = new(null) };
        uint inMs = Values.TimeoutMs(statement.Values[0]);
        DateTimeOffset at = statement.Now.Utc.AddMilliseconds(inMs);
        string when = at.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        string text = inMs == 0 ? $"the broker shuts down now, {when}"
            : $"the broker shuts down at {when}, in {Math.Max(1, inMs / 60_000)} minutes; workers and mounts come back "
                + "by themselves when it is up again";
        return Tell(statement, text) with { Shutdown = new(inMs) };
    }

    private static Decision Tell(Statement statement, string text)
    {
        Change[] letters = [.. Post.To(statement.Roster, statement.Roster.Users.Select(user => user.Id), team: null,
            LetterKind.Announcement, text, statement.Now)];
        return Decision.Store($"{statement.Roster.Users.Count} users have it in their mailboxes", letters);
    }
}
