using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about the users of the asker's team; nobody else is there for them.</summary>
static class UserStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.User, "", 0, 0, UserTable.Show),
        new(Verb.Create, ObjectKind.User, "", 2, 2, Create) { Deed = Deed.Lead, SecretAt = 1 },
        new(Verb.Set, ObjectKind.User, Properties.Secret, 1, 2, SetSecret) { Deed = Deed.KeepAccount, SecretAt = 0 },
        new(Verb.Set, ObjectKind.User, Properties.Role, 1, 1, SetRole) { Deed = Deed.Lead },
        new(Verb.Set, ObjectKind.User, Properties.Disabled, 1, 1, SetDisabled) { Deed = Deed.Lead },
        new(Verb.Delete, ObjectKind.User, "", 0, 1, Delete) { Deed = Deed.Lead },
    ];

    private static Decision Create(Statement statement)
    {
        UserName name = UserName.Parse(statement.Name);
        TeamRole role = Values.Role(statement.Values[0]);
        if (statement.Roster.FindUser(name.Value) is { } taken) throw Taken(statement, taken);
        Statement.CheckRoom(statement.Roster.MembershipsIn(statement.Team).Count, "users");
        Quota.Users.Check(statement.Roster, statement.Team);
        long nowMs = statement.Now.UnixMs;
        var user = new User(new(statement.Roster.NextId()), name, statement.SecretHash, Disabled: false, nowMs, nowMs,
            SecretIsOwn: false, Generation: statement.Roster.NextId());
        var place = new Membership(statement.Team, user.Id, role, Generation: statement.Roster.NextId());
        string team = statement.Roster.Team(statement.Team).Name.Value;
        return Decision.Store(
            $"{name} signs in with this secret in team {team}, and chooses another one: set users {name} secret",
            new Change.PutUser(user), new Change.PutMembership(place));
    }

    /// <summary>
    /// One's own by the one before it; a team's admin may set one that the user did not choose, an operator any.
    /// </summary>
    private static Decision SetSecret(Statement statement)
    {
        bool isSelf = statement.Roster.User(statement.Actor.User)!.Name.Value == statement.Name;
        User user = statement.Roster.User(statement.Place().User)!;
        if (!Permissions.MaySetSecret(KinshipOf(statement, isSelf), user.SecretIsOwn)) throw NotYours(statement, user);
        if (isSelf && statement.Values.Count < 2)
            throw new TriggerException(ErrorCode.NotAllowed, "your secret is changed by who knows it alone",
                "the secret of now is missing", "let the console ask for it, or send it behind the new one");
        return Decision.Store(
            isSelf ? "your other sessions end; put the new secret into your settings"
                : $"the sessions of {user.Name} end; {user.Name} chooses another secret: set users {user.Name} secret",
            new Change.PutUser(user with
            {
                SecretHash = statement.SecretHash,
                SecretIsOwn = isSelf,
                Generation = statement.Roster.NextId(),
                UpdatedUnixMs = statement.Now.UnixMs,
            }));
    }

    private static Decision SetRole(Statement statement)
    {
        Membership place = statement.Place();
        TeamRole role = Values.Role(statement.Values[0]);
        if (role == place.Role) return Decision.Store("");
        if (place.Role == TeamRole.Admin) Leaving.CheckAnotherAdmin(statement, place.User);
        return Decision.Store($"the sessions of {statement.Name} in this team end, and may begin again",
            [
                new Change.PutMembership(place with { Role = role, Generation = statement.Roster.NextId() }),
                .. InvitationStatements.DropSentBy(statement, place.User),
            ]);
    }

    private static Decision SetDisabled(Statement statement)
    {
        Membership place = statement.Place();
        bool disabled = Values.Truth(statement.Values[0]);
        if (disabled == place.Disabled) return Decision.Store("");
        if (disabled) Leaving.CheckAnotherAdmin(statement, place.User);
        return Decision.Store(
            disabled ? $"{statement.Name} is shut out of this team; what {statement.Name} owns goes on" : "",
            [
                new Change.PutMembership(place with { Disabled = disabled, Generation = statement.Roster.NextId() }),
                .. InvitationStatements.DropSentBy(statement, place.User),
            ]);
    }

    private static Decision Delete(Statement statement)
    {
        Membership place = statement.Place();
        Leaving.CheckAnotherAdmin(statement, place.User);
        string? heir = statement.Values.Count == 1 ? statement.Values[0] : null;
        return Leaving.Decide(statement, place, heir, $"delete users {statement.Name} heir NAME");
    }

    private static Kinship KinshipOf(Statement statement, bool isSelf) => isSelf ? Kinship.Self
        : Permissions.RankOf(statement.Roster, statement.Actor) switch
        {
            Rank.Operator => Kinship.Operator,
            Rank.Admin => Kinship.Admin,
            _ => Kinship.Other,
        };

    private static TriggerException NotYours(Statement statement, User user) => new(
        ErrorCode.NotAllowed,
        $"the secret of '{user.Name}' is not yours to set",
        statement.Actor.Role == TeamRole.Admin ? "it is one that the user chose" : null,
        statement.Actor.Role == TeamRole.Admin
            ? $"ask the user, or an operator of the broker; or shut the user out: set users {user.Name} disabled"
            : "ask an admin of the team");

    private static TriggerException Taken(Statement statement, User user) =>
        statement.Roster.MembershipOf(statement.Team, user.Id) is not null
            ? new(ErrorCode.Exists, $"'{user.Name}' is in the team already")
            : new(ErrorCode.Exists, $"the identity '{user.Name}' is not free",
                "identities are one set for all teams of a broker",
                $"choose another one; if it is somebody you know: request team invite {user.Name} role member");
}
