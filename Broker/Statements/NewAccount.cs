using TriggerFs.Broker.Access;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What somebody asks for who has an activation code, checked, and without the secret.</summary>
/// <param name="Team">The name of a team of one's own; null for the one that the invitation is to.</param>
sealed record AccountWish(string Email, UserName Identity, string FullName, TeamName? Team)
{
    /// <summary>Refuses what breaks a rule, whoever asks: nothing of it depends on what the broker knows.</summary>
    public static AccountWish Of(Activate asked)
    {
        var wish = new AccountWish(
            EmailAddress.Parse(asked.Email).Value, UserName.ParseChosen(asked.Identity),
            PersonName.Parse(asked.FullName), asked.Team.Length == 0 ? null : TeamName.Parse(asked.Team));
        Secrets.CheckNew(asked.Secret);
        return wish;
    }
}

/// <summary>Makes an account for somebody who has an activation code.</summary>
static class NewAccount
{
    /// <param name="office">What is known.</param>
    /// <param name="invitation">The one whose code it is.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="secretHash">What is to be stored of the secret; empty for a trial.</param>
    /// <param name="now">The moment.</param>
    public static Decision Decide(
        Office office, Invitation invitation, AccountWish wish, string secretHash, Instant now)
    {
        Roster roster = office.Roster;
        if (roster.FindUser(wish.Identity.Value) is not null)
            throw new TriggerException(ErrorCode.Exists, $"the identity '{wish.Identity}' is not free",
                "identities are one set for all teams of a broker", "choose another one");
        if (roster.Users.Count >= Limits.AccountsMax)
            throw new TriggerException(ErrorCode.TooLarge, $"the broker has {Limits.AccountsMax} accounts",
                "more are not allowed", "ask its operators");
        var user = new User(new(roster.NextId()), wish.Identity, secretHash, Disabled: false, now.UnixMs, now.UnixMs,
            wish.FullName, wish.Email, SecretIsOwn: true, Generation: roster.NextId());
        return invitation.Team is { } team
            ? Join(roster, invitation, roster.Team(team), user, wish, now)
            : Found(roster, invitation, user, wish, now);
    }

    private static Decision Join(
        Roster roster, Invitation invitation, Team team, User user, AccountWish wish, Instant now)
    {
        if (wish.Team is { } other && other != team.Name)
            throw new TriggerException(ErrorCode.Invalid, "this code is for a place in another team",
                fix: $"leave the team out; a team of one's own can be founded afterwards: set teams name {other}");
        Statement.CheckRoom(roster.MembershipsIn(team.Id).Count, "users");
        Quota.Users.Check(roster, team.Id);
        string role = Values.Word(invitation.Role);
        return Decision.Store($"you are in team {team.Name} as {role}",
        [
            new Change.PutUser(user),
            new Change.PutMembership(new(team.Id, user.Id, invitation.Role, Generation: roster.NextId())),
            new Change.DropInvitation(invitation.Id),
            .. InvitationStatements.TellSender(roster, invitation,
                $"{user.Name} signed up with the code that went to {invitation.Address}", now),
        ]);
    }

    /// <summary>A team of one's own, with the smallest plan: the operators know nothing of its founder.</summary>
    private static Decision Found(Roster roster, Invitation invitation, User user, AccountWish wish, Instant now)
    {
        TeamName name = wish.Team ?? throw new TriggerException(ErrorCode.Invalid, "a name for your team is missing",
            "nobody invited you into one", "add --team NAME");
        if (roster.FindTeam(name.Value) is not null)
            throw new TriggerException(ErrorCode.Exists, $"the team name '{name}' is not free",
                "teams' names are one set for the whole broker", "choose another name");
        var team = new Team(new(roster.NextId()), name, now.UnixMs, user.Id) { Plan = Plan.All[0] };
        return Decision.Store($"you are the admin of team {name}; its plan is {team.Plan.Name} (show plans)",
            new Change.PutUser(user),
            new Change.PutTeam(team),
            new Change.PutMembership(new(team.Id, user.Id, TeamRole.Admin, Generation: roster.NextId())),
            new Change.DropInvitation(invitation.Id));
    }
}
