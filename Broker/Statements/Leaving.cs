using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What becomes of a user who goes: the place in the team is given up, what was owned there goes to an heir, and an
/// account without any team is removed.
/// </summary>
static class Leaving
{
    /// <summary>Refuses to leave a team without an admin who can act.</summary>
    public static void CheckAnotherAdmin(Statement statement, UserId leaving)
    {
        bool isLed = statement.Roster.MembershipsIn(statement.Team).Any(place =>
            place.Role == TeamRole.Admin && place.User != leaving
            && statement.Roster.OpenMembershipOf(place.Team, place.User) is not null);
        if (!isLed)
            throw new TriggerException(ErrorCode.NotAllowed,
                $"'{statement.Roster.NameOf(leaving)}' is the only admin of the team",
                "a team needs one who can sign in", "make another one first: set users NAME role admin");
    }

    /// <param name="statement">The statement that does it.</param>
    /// <param name="place">The place that is given up.</param>
    /// <param name="heirName">Who gets what was owned; null for nobody, which is refused if there is something.</param>
    /// <param name="again">How to say it with an heir.</param>
    public static Decision Decide(Statement statement, Membership place, string? heirName, string again)
    {
        Roster roster = statement.Roster;
        Worker[] workers = [.. roster.Workers(place.Team).Where(worker => worker.Owner == place.User)];
        Service[] services = [.. roster.Services(place.Team).Where(service => service.Owner == place.User)];
        Node[] nodes = [.. roster.Below(place.Team, NodeId.Root).Where(node => node.Owner == place.User)];
        string owned = Owned(workers.Length, services.Length, nodes.Length);
        string name = roster.NameOf(place.User);
        if (heirName is null && owned.Length > 0)
            throw new TriggerException(ErrorCode.NotEmpty, $"'{name}' owns {owned} here",
                "somebody has to own them, or they have to go first", again);
        UserId heir = heirName is null ? place.User : Heir(statement, place.User, heirName);
        var changes = new List<Change>();
        changes.AddRange(workers.Select(one => new Change.PutWorker(one with { Owner = heir })));
        changes.AddRange(services.Select(one => new Change.PutService(one with { Owner = heir })));
        changes.AddRange(nodes.Select(one => new Change.PutNode(one with { Owner = heir })));
        changes.AddRange(InvitationStatements.DropSentBy(statement, place.User));
        changes.Add(new Change.DropMembership(place.Team, place.User));
        if (roster.MembershipsOf(place.User).Count == 1) changes.Add(new Change.DropUser(place.User));
        else if (place.User != statement.Actor.User)
            changes.AddRange(Post.To(roster, [place.User], team: null, LetterKind.Account,
                $"you are not in team {roster.Team(place.Team).Name} any more", statement.Now));
        return new(null, changes, owned.Length == 0 ? "" : $"{owned} of {name} belong to {heirName} now");
    }

    private static UserId Heir(Statement statement, UserId leaving, string name)
    {
        Membership heir = statement.Place(name);
        if (heir.User == leaving || heir.Role == TeamRole.Observer
            || statement.Roster.OpenMembershipOf(heir.Team, heir.User) is null)
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(name)}' cannot be the heir",
                "an heir is another member or admin of the team who is not disabled");
        return heir.User;
    }

    private static string Owned(int workers, int services, int nodes)
    {
        string[] parts =
        [
            .. Part(workers, "workers"), .. Part(services, "services"), .. Part(nodes, "triggers and directories"),
        ];
        return string.Join(", ", parts);
    }

    private static string[] Part(int count, string what) => count == 0 ? [] : [$"{count} {what}"];
}
