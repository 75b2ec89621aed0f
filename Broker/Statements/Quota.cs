using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>One number of a plan: what it counts, how many a plan allows, and how many a team has.</summary>
sealed record Quota(string What, Func<Plan, int> Allowed, Func<Roster, TeamId, int> Used)
{
    public static readonly Quota Workers =
        new("workers", plan => plan.Workers, (roster, team) => roster.Workers(team).Count());

    public static readonly Quota Services =
        new("services", plan => plan.Services, (roster, team) => roster.Services(team).Count());

    public static readonly Quota Triggers = new("triggers", plan => plan.Triggers,
        (roster, team) => roster.Below(team, NodeId.Root).Count(node => node.Trigger is not null));

    public static readonly Quota Users = new("users", plan => plan.Users,
        (roster, team) => roster.MembershipsIn(team).Count);

    public static readonly Quota PublicServices = new("public services", plan => plan.PublicServices,
        (roster, team) => roster.Services(team).Count(service => service.Visibility == Visibility.Public));

    /// <summary>What is counted within a team.</summary>
    public static readonly Quota[] OfTeam = [Workers, Services, Triggers, Users, PublicServices];

    /// <summary>Refuses one more than the team's plan allows.</summary>
    public void Check(Roster roster, TeamId id)
    {
        Team team = roster.Team(id);
        int allowed = Allowed(team.Plan);
        if (allowed == Plan.Any) return; // Counting may be slow.
        int used = Used(roster, id);
        if (used < allowed) return;
        throw new TriggerException(ErrorCode.TooLarge, $"the plan of team '{team.Name}' allows {allowed} {What}",
            $"it has {used}; its plan is {team.Plan.Name}",
            "delete what is not used, or ask an operator of the broker for another plan (show plans)");
    }

    /// <summary>Such as <c>2/25</c>; a number alone when there is no limit.</summary>
    public string Shown(Roster roster, Team team)
    {
        int allowed = Allowed(team.Plan), used = Used(roster, team.Id);
        return allowed == Plan.Any ? Table.Number(used) : $"{Table.Number(used)}/{Table.Number(allowed)}";
    }
}
