using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about teams.</summary>
static class TeamStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Team, "", 0, 0, TeamTable.Show),
        new(Verb.Create, ObjectKind.Team, "", 0, 0, Found) { Deed = Deed.Found },
    ];

    /// <summary>
    /// A team of one's own. Its plan is the smallest of those of the founder's teams: nobody gets around a plan by
    /// founding another team.
    /// </summary>
    private static Decision Found(Statement statement)
    {
        TeamName name = TeamName.Parse(statement.Name);
        CheckOwnSecret(statement);
        if (statement.Roster.FindTeam(name.Value) is not null)
            throw new TriggerException(ErrorCode.Exists, $"the name '{name}' is not free",
                "teams' names are one set for the whole broker", "choose another name");
        Plan plan = SmallestPlan(statement);
        CheckCount(statement, plan);
        var team = new Team(
            new(statement.Roster.NextId()), name, statement.Now.UnixMs, statement.Actor.User)
        { Plan = plan };
        var place = new Membership(
            team.Id, statement.Actor.User, TeamRole.Admin, Generation: statement.Roster.NextId());
        return Decision.Store($"you are its admin; go there: team {name}",
            new Change.PutTeam(team), new Change.PutMembership(place));
    }

    /// <summary>
    /// Refuses who has not chosen the own secret: who gave it knows it, and would come along into the other team.
    /// </summary>
    public static void CheckOwnSecret(Statement statement)
    {
        User user = statement.Roster.User(statement.Actor.User)!;
        if (!user.SecretIsOwn)
            throw new TriggerException(ErrorCode.NotAllowed, "your secret was given to you by somebody else",
                "whoever knows it could follow you into another team",
                $"choose one of your own first: set users {user.Name} secret");
    }

    private static Plan SmallestPlan(Statement statement) => statement.Roster.MembershipsOf(statement.Actor.User)
        .Select(place => statement.Roster.Team(place.Team).Plan).MinBy(plan => Plan.All.IndexOf(plan))!;

    private static void CheckCount(Statement statement, Plan plan)
    {
        int founded = statement.Roster.Teams.Count(team => team.Founder == statement.Actor.User);
        if (founded >= Math.Min(plan.Teams, Limits.TeamsPerUserMax))
            throw new TriggerException(ErrorCode.TooLarge, $"you founded {founded} teams already",
                plan.Teams < Limits.TeamsPerUserMax ? $"the plan {plan.Name} allows {plan.Teams}"
                    : $"at most {Limits.TeamsPerUserMax} are allowed",
                "ask an operator of the broker for another plan (show plans)");
    }
}
