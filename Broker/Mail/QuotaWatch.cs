using TriggerFs.Broker.Statements;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>
/// Tells once when a team comes near to what its plan allows, and again only after there was room. What was so when the
/// broker started was told before.
/// </summary>
sealed class QuotaWatch
{
    private readonly Roster _roster;
    private readonly HashSet<(TeamId Team, string What)> _told = [];

    public QuotaWatch(Roster roster)
    {
        _roster = roster;
        foreach (Team team in roster.Teams) _ = Due(team.Id);
    }

    /// <summary>What is to be told now of a team that has something new.</summary>
    public List<string> Due(TeamId id)
    {
        var due = new List<string>();
        Team team = _roster.Team(id);
        if (team.Plan == Plan.Unlimited) return due; // Counting may be slow.
        foreach (Quota quota in Quota.OfTeam)
        {
            int allowed = quota.Allowed(team.Plan), used = quota.Used(_roster, id);
            if (used < NearOf(allowed)) _told.Remove((id, quota.What));
            else if (_told.Add((id, quota.What)))
                due.Add($"the team has {used} of the {allowed} {quota.What} that its plan {team.Plan.Name} allows: "
                    + "show plans");
        }
        return due;
    }

    /// <summary>Nine tenths, and of a small plan the last one.</summary>
    private static int NearOf(int allowed) => allowed - (allowed / 10);
}
