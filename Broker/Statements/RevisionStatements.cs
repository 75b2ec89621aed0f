using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statement that shows the revisions of the team's configuration, the newest first.</summary>
static class RevisionStatements
{
    public static readonly Row[] Rows = [new(Verb.Show, ObjectKind.Revision, "", 0, 0, Show)];

    private static readonly Column[] Columns =
    [
        new("back", ColumnType.Number), new("revision", ColumnType.Number), new("time", ColumnType.Time),
        new("author", ColumnType.Text), new("kind", ColumnType.Text), new("comment", ColumnType.Text),
        new("statements", ColumnType.List), new("confirm by", ColumnType.Time),
    ];

    private static Decision Show(Statement statement)
    {
        long newest = statement.Roster.Revisions.Newest(statement.Team);
        IEnumerable<Revision> revisions = statement.Roster.Revisions.Of(statement.Team).Reverse();
        if (statement.Name.Length == 0)
            return Decision.Show(
                new(Columns, [.. revisions.Select(one => Cells(statement, one, newest, linesMax: 3))]));
        long.TryParse(statement.Name, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        Revision? found = revisions.FirstOrDefault(one => one.Number == number);
        if (found is null) throw Statement.Missing("revision", statement.Name, "show commits");
        return Decision.Show(new(Columns, [Cells(statement, found, newest, int.MaxValue)]));
    }

    /// <summary>What others did to things of their own is for them and the admins.</summary>
    private static string[] Cells(Statement statement, Revision revision, long newest, int linesMax)
    {
        bool sees = Permissions.Allow(statement.Roster, statement.Actor, Deed.Lead)
            || revision.Author == statement.Roster.NameOf(statement.Actor.User);
        int left = revision.Lines.Length - linesMax;
        IEnumerable<string> lines = !sees ? [] : left <= 0 ? revision.Lines
            : revision.Lines.Take(linesMax).Append($"and {left} more");
        return
        [
            Table.Number(newest - revision.Number),
            Table.Number(revision.Number),
            Table.Ms(revision.UnixMs),
            revision.Author,
            Word(revision.Kind),
            sees ? revision.Comment : "",
            Table.List(lines),
            Table.Ms(revision.ConfirmByUnixMs),
        ];
    }

    private static string Word(RevisionKind kind) => kind switch
    {
        RevisionKind.Commit => "commit",
        RevisionKind.Back => "rollback",
        RevisionKind.Unconfirmed => "not confirmed",
        _ => "set",
    };
}
