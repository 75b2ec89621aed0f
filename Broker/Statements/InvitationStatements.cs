using TriggerFs.Broker.Access;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// The statements about invitations: how people come into a team that nobody outside of it can see. An answer never
/// tells whether somebody exists.
/// </summary>
static class InvitationStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Invitation, "", 0, 0, InvitationTable.Show) { Deed = Deed.KeepAccount },
        new(Verb.Show, ObjectKind.Signup, "", 0, 0, InvitationTable.ShowSignups)
        {
            Deed = Deed.Lead,
            IsRevealing = true,
        },
        new(Verb.Request, ObjectKind.Team, Properties.Invite, 2, 2, Invite) { Deed = Deed.Lead },
        new(Verb.Request, ObjectKind.Team, Properties.Leave, 0, 1, Leave) { Deed = Deed.KeepAccount },
        Answering(Properties.Accept, Accept),
        Answering(Properties.Decline, Decline),
        new(Verb.Request, ObjectKind.Invitation, Properties.Withdraw, 0, 0, Withdraw) { Deed = Deed.Lead },
    ];

    /// <summary>Invitations of a team that are neither accepted nor declined.</summary>
    public static IEnumerable<Invitation> Sent(Statement statement) =>
        statement.Roster.Invitations(statement.Now).Where(invitation => invitation.Team == statement.Team);

    /// <summary>
    /// Those that somebody who leads no longer sent: they are gone with his rights.
    /// </summary>
    public static IEnumerable<Change> DropSentBy(Statement statement, UserId user) => Sent(statement)
        .Where(invitation => invitation.By == user).Select(invitation => new Change.DropInvitation(invitation.Id));

    /// <summary>By the number of an invitation, or by its code, which is the proof that it is for the asker.</summary>
    private static Row Answering(string property, StatementHandler handler) =>
        new(Verb.Request, ObjectKind.Invitation, property, 0, 1, handler)
        {
            Deed = Deed.KeepAccount,
            HidesValues = true,
        };

    private static Decision Invite(Statement statement)
    {
        string who = statement.Values[0];
        TeamRole role = Values.Role(statement.Values[1]);
        Quota.Users.Check(statement.Roster, statement.Team);
        string address = who.Contains('@') ? EmailAddress.Parse(who).Value : UserName.Parse(who).Value;
        if (Sent(statement).FirstOrDefault(one => one.Address == address) is { } before)
            throw new TriggerException(ErrorCode.Exists, $"'{address}' is invited already",
                fix: $"withdraw it first: request invitation {before.Id.Value} withdraw");
        if (Sent(statement).Count() >= Limits.InvitationsMax)
            throw new TriggerException(ErrorCode.TooLarge,
                $"the team has {Limits.InvitationsMax} invitations under way", "more are not allowed",
                "withdraw some: show invitations");
        User? user = statement.Roster.FindUser(address);
        if (user is not null && statement.Roster.MembershipOf(statement.Team, user.Id) is not null)
            throw new TriggerException(ErrorCode.Exists, $"'{address}' is in the team already");
        long nowMs = statement.Now.UnixMs;
        var invitation = new Invitation(
            new(statement.Roster.NextId()), statement.Team, role, statement.Actor.User, user?.Id, address, nowMs,
            nowMs + (long)Limits.InvitationLife.TotalMilliseconds);
        return invitation.IsByCode ? InviteByCode(statement, invitation) : InviteUser(statement, invitation);
    }

    /// <summary>Reads the same whether the user exists or not.</summary>
    private static Decision InviteUser(Statement statement, Invitation invitation)
    {
        var changes = new List<Change> { new Change.PutInvitation(invitation) };
        if (invitation.Who is { } user)
            changes.AddRange(Post.To(statement.Roster, [user], team: null, LetterKind.Invitation,
                InvitationText.Letter(invitation, NameOfAsker(statement), NameOfTeam(statement, invitation),
                    Values.Word(invitation.Role)),
                statement.Now));
        return Decision.Store(
            $"if there is a user {invitation.Address}, it is in the mailbox; it is good for "
            + $"{Limits.InvitationLife.TotalDays:0} days", [.. changes]);
    }

    private static Decision InviteByCode(Statement statement, Invitation invitation)
    {
        Office office = statement.Office;
        string good = $"it is good for {Limits.InvitationLife.TotalDays:0} days";
        if (office.Options.CanMail)
            return Decision.Store($"a mail with an activation code goes to {invitation.Address}; {good}") with
            {
                Changes = [new Change.PutInvitation(invitation with { Mail = CodeMail.Waiting })],
                Mail = AskedCode.Mail(office, invitation),
            };
        string code = office.Seal.CodeOf(invitation);
        return Decision.Store(
            $"no mail is set up ([broker.smtp]): give {invitation.Address} the activation code {code}, {good}\n"
            + InvitationText.SignUp(invitation.Address, code, office.Options),
            new Change.PutInvitation(invitation));
    }

    private static Decision Accept(Statement statement)
    {
        Invitation invitation = Mine(statement);
        TeamId team = invitation.Team!.Value;
        string name = statement.Roster.Team(team).Name.Value;
        TeamStatements.CheckOwnSecret(statement);
        if (statement.Roster.MembershipOf(team, statement.Actor.User) is not null)
            throw new TriggerException(ErrorCode.Exists, $"you are in team '{name}' already",
                fix: "decline it");
        Quota.Users.Check(statement.Roster, team);
        var place = new Membership(
            team, statement.Actor.User, invitation.Role, Generation: statement.Roster.NextId());
        return Decision.Store($"you are in team {name} now; go there: team {name}",
        [
            new Change.PutMembership(place), new Change.DropInvitation(invitation.Id),
            .. TellSender(statement, invitation, "accepted"),
        ]);
    }

    private static Decision Decline(Statement statement)
    {
        Invitation invitation = Mine(statement);
        return Decision.Store("",
            [new Change.DropInvitation(invitation.Id), .. TellSender(statement, invitation, "declined")]);
    }

    private static Decision Withdraw(Statement statement)
    {
        Invitation invitation = Sent(statement).FirstOrDefault(one => $"{one.Id.Value}" == statement.Name)
            ?? throw Missing(statement);
        return Decision.Store($"what was sent to {invitation.Address} is worth nothing any more",
            new Change.DropInvitation(invitation.Id));
    }

    private static Decision Leave(Statement statement)
    {
        Membership place = statement.Roster.MembershipOf(statement.Team, statement.Actor.User)!;
        string name = statement.Roster.NameOf(place.User);
        if (statement.Roster.MembershipsOf(place.User).Count == 1)
            throw new TriggerException(ErrorCode.NotAllowed, "it is your only team",
                "an account is in one team at least",
                $"found one first: set teams name NAME; or let an admin remove the account: delete users {name}");
        Leaving.CheckAnotherAdmin(statement, place.User);
        string? heir = statement.Values.Count == 1 ? statement.Values[0] : null;
        return Leaving.Decide(statement, place, heir, "request team leave heir NAME");
    }

    /// <summary>The invitation that the asker may answer, by its number or its code; no other is there.</summary>
    private static Invitation Mine(Statement statement) => statement.Roster.Invitations(statement.Now)
        .Where(invitation => invitation.Team is not null)
        .FirstOrDefault(invitation => invitation.IsByCode
            ? statement.Values.Count == 1 && statement.Office.Seal.IsCodeOf(invitation, statement.Values[0])
            : invitation.Who == statement.Actor.User && $"{invitation.Id.Value}" == statement.Name)
        ?? throw Missing(statement);

    /// <summary>A letter to who sent an invitation, as long as he is in the team.</summary>
    public static IEnumerable<Change> TellSender(Roster roster, Invitation invitation, string text, Instant now) =>
        invitation is { By: { } by, Team: { } team } && roster.MembershipOf(team, by) is not null
            ? Post.To(roster, [by], team, LetterKind.Invitation, text, now) : [];

    private static IEnumerable<Change> TellSender(Statement statement, Invitation invitation, string done) =>
        TellSender(statement.Roster, invitation,
            $"{NameOfAsker(statement)} {done} the invitation to {invitation.Address}", statement.Now);

    private static string NameOfAsker(Statement statement) => statement.Roster.NameOf(statement.Actor.User);

    private static string NameOfTeam(Statement statement, Invitation invitation) =>
        statement.Roster.Team(invitation.Team!.Value).Name.Value;

    private static TriggerException Missing(Statement statement) =>
        Statement.Missing("invitation", statement.Name, "show invitations");
}
