using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What comes of an address for which somebody wants an activation code. He hears nothing of it: what there is to say
/// goes to the address.
/// </summary>
static class AskedCode
{
    public static Decision Decide(Office office, string email, Instant now)
    {
        Roster roster = office.Roster;
        if (roster.Invitations(now).LastOrDefault(one => one.Address == email) is { } known)
            return Send(office, known, isNew: false);
        if (office.Options.Signup != SignupMode.Open) return Decision.Store("");
        if (roster.Users.Where(user => user.Email == email).ToArray() is { Length: > 0 } users)
            return Decision.Store("") with
            {
                Mail = InvitationText.HasAccount(email, users.Select(user => user.Name.Value), office.Options),
            };
        if (roster.Invitations(now).Count(one => one.Team is null) >= Limits.SignupsMax)
            throw new TriggerException(ErrorCode.Busy, $"{Limits.SignupsMax} signups wait for their codes",
                "no more are taken", "show signups; or close them: [broker] signup = \"invited\"");
        var invitation = new Invitation(
            new(roster.NextId()), Team: null, TeamRole.Admin, By: null, Who: null, email, now.UnixMs,
            now.UnixMs + (long)Limits.SignupLife.TotalMilliseconds);
        return Send(office, invitation, isNew: true);
    }

    /// <summary>The mail with the code of an invitation, as often as it is needed.</summary>
    public static MailOrder Mail(Office office, Invitation invitation) => InvitationText.Mail(
        invitation, office.Seal.CodeOf(invitation),
        invitation.Team is { } team ? InvitedBy(office.Roster, invitation, office.Roster.Team(team))
            : "Somebody, most likely you, wants an account of a broker of triggerFS.",
        office.Options);

    private static Decision Send(Office office, Invitation invitation, bool isNew)
    {
        Invitation sent = office.Options.CanMail ? invitation with { Mail = CodeMail.Waiting } : invitation;
        Change[] changes = isNew || sent != invitation ? [new Change.PutInvitation(sent)] : [];
        return new(null, changes, "") { Mail = Mail(office, sent) };
    }

    /// <summary>The first sentence of a mail to who is invited.</summary>
    private static string InvitedBy(Roster roster, Invitation invitation, Team team) =>
        $"{(invitation.By is { } by ? roster.NameOf(by) : "An admin")} invites you into team {team.Name} "
        + $"as {Values.Word(invitation.Role)}.";
}
