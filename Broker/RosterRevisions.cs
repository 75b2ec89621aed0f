using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The revisions of every team's configuration that are kept.</summary>
sealed class RosterRevisions
{
    private readonly Dictionary<TeamId, SortedDictionary<long, Revision>> _teams = [];

    /// <summary>A team's, the oldest first.</summary>
    public IReadOnlyCollection<Revision> Of(TeamId team) =>
        _teams.TryGetValue(team, out SortedDictionary<long, Revision>? revisions) ? revisions.Values : [];

    /// <summary>The number of a team's newest revision; 0 before there is one.</summary>
    public long Newest(TeamId team) => Of(team).LastOrDefault()?.Number ?? 0;

    /// <summary>The team's newest revision, when it still waits to be confirmed.</summary>
    public Revision? UnconfirmedOf(TeamId team) =>
        Of(team).LastOrDefault() is { ConfirmByUnixMs: > 0 } newest ? newest : null;

    /// <summary>All that wait to be confirmed, of every team.</summary>
    public IEnumerable<Revision> Unconfirmed =>
        _teams.Keys.Select(UnconfirmedOf).OfType<Revision>().OrderBy(revision => revision.Team.Value);

    public void Put(Revision revision)
    {
        if (!_teams.TryGetValue(revision.Team, out SortedDictionary<long, Revision>? revisions))
            _teams[revision.Team] = revisions = [];
        revisions[revision.Number] = revision;
    }

    public void Drop(TeamId team, long number)
    {
        if (_teams.TryGetValue(team, out SortedDictionary<long, Revision>? revisions)) revisions.Remove(number);
    }
}
