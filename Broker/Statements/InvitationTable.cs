using TriggerFs.Broker.Access;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What <c>show invitations</c> and <c>show signups</c> show.</summary>
static class InvitationTable
{
    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("to", ColumnType.Text), new("team", ColumnType.Text),
        new("role", ColumnType.Text), new("by", ColumnType.Text), new("created", ColumnType.Time),
        new("expires", ColumnType.Time),
    ];

    private static readonly Column[] SignupColumns =
    [
        new("id", ColumnType.Number), new("address", ColumnType.Text), new("team", ColumnType.Text),
        new("role", ColumnType.Text), new("code", ColumnType.Text), new("created", ColumnType.Time),
        new("expires", ColumnType.Time),
    ];

    /// <summary>Those to the asker; to an admin those of the team, too.</summary>
    public static Decision Show(Statement statement)
    {
        bool leads = Permissions.Allow(statement.Roster, statement.Actor, Deed.Lead);
        IEnumerable<Invitation> seen = statement.Roster.Invitations(statement.Now).Where(invitation =>
            invitation.Who == statement.Actor.User || (leads && invitation.Team == statement.Team));
        return Decision.Show(new(Columns, seen.Select(invitation => Cells(statement.Roster, invitation)).ToArray()));
    }

    /// <summary>
    /// Who may sign up with which code, as far as no mail brings it: for the admins of a team its own, for operators
    /// those who want a team of their own, too.
    /// </summary>
    public static Decision ShowSignups(Statement statement)
    {
        bool operates = Permissions.IsOperator(statement.Roster, statement.Actor);
        IEnumerable<Invitation> seen = statement.Roster.Invitations(statement.Now).Where(invitation =>
            invitation.IsByCode && (invitation.Team is { } team ? team == statement.Team : operates));
        return Decision.Show(
            new(SignupColumns, seen.Select(invitation => SignupCells(statement, invitation)).ToArray()));
    }

    private static string[] Cells(Roster roster, Invitation invitation) =>
    [
        Table.Number(invitation.Id.Value),
        invitation.Address,
        invitation.Team is { } team ? roster.Team(team).Name.Value : "",
        Values.Word(invitation.Role),
        invitation.By is { } by ? roster.NameOf(by) : "",
        Table.Ms(invitation.CreatedUnixMs),
        Table.Ms(invitation.ExpiresUnixMs),
    ];

    private static bool IsMailed(Office office, Invitation invitation) =>
        office.Options.CanMail && invitation.Mail is CodeMail.Waiting or CodeMail.Sent;

    private static string[] SignupCells(Statement statement, Invitation invitation) =>
    [
        Table.Number(invitation.Id.Value),
        invitation.Address,
        invitation.Team is { } team ? statement.Roster.Team(team).Name.Value : "",
        Values.Word(invitation.Role),
        IsMailed(statement.Office, invitation) ? "mailed" : statement.Office.Seal.CodeOf(invitation),
        Table.Ms(invitation.CreatedUnixMs),
        Table.Ms(invitation.ExpiresUnixMs),
    ];
}
