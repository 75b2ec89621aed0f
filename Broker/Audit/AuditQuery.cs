using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Audit;

/// <summary>The newest lines that somebody may see.</summary>
/// <param name="Team">Lines of this team, and lines that concern it.</param>
/// <param name="OfNobody">Also lines of no team: the broker's own, and teams that there are not.</param>
/// <param name="Count">How many at the most.</param>
sealed record AuditQuery(TeamId Team, bool OfNobody, int Count)
{
    public const int CountDefault = 100;

    /// <summary>More are for those who have the files.</summary>
    public const int CountMax = 10_000;

    /// <summary>Bytes of lines in one answer: well below what may wait for a peer.</summary>
    public const int BytesMax = 16 * 1024 * 1024;

    /// <summary>Queries that may be under way; each may read all files.</summary>
    public const int WaitingMax = 16;

    /// <summary>Whether the line is among those.</summary>
    public bool Fits(AuditEntry entry) =>
        entry.TeamId == Team.Value || entry.AboutId == Team.Value || (OfNobody && entry.TeamId is null or 0);
}
