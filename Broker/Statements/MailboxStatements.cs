using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about the asker's own mailbox; nobody sees another one's.</summary>
static class MailboxStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Mailbox, "", 0, 0, Show) { Deed = Deed.KeepAccount },
        new(Verb.Delete, ObjectKind.Mailbox, "", 0, 0, Delete) { Deed = Deed.KeepAccount },
        new(Verb.Request, ObjectKind.Mailbox, Properties.Note, 1, 1, Note) { Deed = Deed.KeepAccount },
    ];

    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("state", ColumnType.Text), new("about", ColumnType.Text),
        new("text", ColumnType.Text), new("sent", ColumnType.Time),
    ];

    /// <summary>What is shown counts as read from then on.</summary>
    private static Decision Show(Statement statement)
    {
        Letter[] letters = statement.Name.Length == 0 ? [.. Mine(statement)] : [One(statement)];
        IEnumerable<Change> read = letters.Where(letter => !letter.IsRead)
            .Select(letter => new Change.PutLetter(letter with { IsRead = true }));
        return Decision.Show(new(Columns, letters.Select(Cells).ToArray())) with { Changes = [.. read] };
    }

    private static Decision Delete(Statement statement)
    {
        Letter[] letters = statement.Name == "all" ? [.. Mine(statement)] : [One(statement)];
        return Decision.Store("", [.. letters.Select(letter => new Change.DropLetter(letter.To, letter.Id))]);
    }

    /// <summary>A program of the asker's, a mount, has something to say to him.</summary>
    private static Decision Note(Statement statement)
    {
        string text = Values.Description(statement.Values[0]);
        return Decision.Store("", new Change.PutLetter(new(
            new(statement.Roster.NextId()), statement.Actor.User, statement.Team, LetterKind.Trigger, text,
            statement.Now.UnixMs)));
    }

    private static IEnumerable<Letter> Mine(Statement statement) =>
        statement.Roster.Mailbox(statement.Team, statement.Actor.User);

    private static Letter One(Statement statement) =>
        long.TryParse(statement.Name, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
            && Mine(statement).FirstOrDefault(letter => letter.Id.Value == id) is { } letter
            ? letter : throw Statement.Missing("letter", statement.Name, "show mailbox");

    private static string[] Cells(Letter letter) =>
    [
        Table.Number(letter.Id.Value),
        letter.IsRead ? "" : "new",
        letter.Kind.ToString().ToLowerInvariant(),
        letter.Text,
        Table.Ms(letter.SentUnixMs),
    ];
}
