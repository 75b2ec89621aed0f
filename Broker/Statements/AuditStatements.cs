using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statement that shows the audit, and its table.</summary>
static class AuditStatements
{
    public static readonly Row[] Rows = [new(Verb.Show, ObjectKind.Audit, "", 0, 1, Show) { Deed = Deed.Lead }];

    private static readonly Column[] Columns =
    [
        new("line", ColumnType.Number), new("time", ColumnType.Time), new("who", ColumnType.Text),
        new("role", ColumnType.Text), new("from", ColumnType.Text), new("event", ColumnType.Text),
        new("what", ColumnType.Text), new("result", ColumnType.Text), new("changes", ColumnType.List),
        new("times", ColumnType.Number), new("parent", ColumnType.Number),
    ];

    /// <summary>The lines as somebody of a team may see them: addresses of another team's users are its own.</summary>
    public static Table TableOf(IReadOnlyList<AuditEntry> lines, TeamId team) =>
        new(Columns, [.. lines.Select(line => Cells(line, line.TeamId is null or 0 || line.TeamId == team.Value))]);

    private static Decision Show(Statement statement)
    {
        int count = AuditQuery.CountDefault;
        if (statement.Values.Count == 1) count = Count(statement.Values[0]);
        return Decision.Look(new(
            statement.Team, Permissions.IsOperator(statement.Roster, statement.Actor), count));
    }

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && count is > 0 and <= AuditQuery.CountMax ? count
            : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a number of lines",
                $"1 to {AuditQuery.CountMax} are allowed; the broker's host has all of them in files");

    private static string[] Cells(AuditEntry line, bool isOwn) =>
    [
        Table.Number(line.Seq),
        Table.Ms(new DateTimeOffset(line.Time).ToUnixTimeMilliseconds()),
        line.User is null ? "" : $"{line.Team}/{line.User}",
        line.Role ?? "",
        isOwn ? line.From ?? "" : "",
        line.Event,
        line.About is null ? line.What : $"{line.What} (of {line.About})",
        line.Code is null ? "done" : $"{line.Code}: {line.Why}",
        Table.List((line.Things ?? []).Select(Describe)),
        line.Times is { } times ? Table.Number(times) : "",
        line.Parent ?? "",
    ];

    private static string Describe(AuditedThing thing) =>
        $"{thing.Kind} {thing.Name} " + (thing.Before, thing.After) switch
        {
            (null, { } made) => Describe("made", made),
            ({ } gone, null) => Describe("removed", gone),
            ({ } before, { } after) => string.Join(", ", before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
                .Select(key => $"{key} '{before.GetValueOrDefault(key)}' to '{after.GetValueOrDefault(key)}'")),
            _ => "",
        };

    private static string Describe(string what, IReadOnlyDictionary<string, string> properties) =>
        properties.Count == 0 ? what
            : $"{what}: {string.Join(", ", properties.Select(pair => $"{pair.Key} '{pair.Value}'"))}";
}
