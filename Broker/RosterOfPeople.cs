using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that knows teams, users, and who is where.</summary>
sealed partial class Roster
{
    private readonly SortedDictionary<long, Team> _teams = [];
    private readonly SortedDictionary<long, User> _users = [];
    private readonly Dictionary<string, Team> _teamsByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, User> _usersByName = new(StringComparer.Ordinal);
    private readonly Dictionary<TeamId, SortedDictionary<long, Membership>> _usersOf = [];
    private readonly Dictionary<UserId, SortedDictionary<long, Membership>> _teamsOf = [];

    public IReadOnlyCollection<Team> Teams => _teams.Values;

    /// <summary>
    /// The team that was made with the installation, whose admins run the broker. 0 while there is none.
    /// </summary>
    public TeamId FirstTeam { get; private set; }

    public Team Team(TeamId id) => _teams[id.Value];

    public Team? FindTeam(string name) => _teamsByName.GetValueOrDefault(name);

    public IReadOnlyCollection<User> Users => _users.Values;

    public User? User(UserId id) => _users.GetValueOrDefault(id.Value);

    public User? FindUser(string name) => _usersByName.GetValueOrDefault(name);

    /// <summary>The name to show for an owner; empty when the user is gone.</summary>
    public string NameOf(UserId id) => User(id)?.Name.Value ?? "";

    /// <summary>The user's place in the team, disabled or not; null for a stranger.</summary>
    public Membership? MembershipOf(TeamId team, UserId user) =>
        _usersOf.TryGetValue(team, out SortedDictionary<long, Membership>? users)
            ? users.GetValueOrDefault(user.Value) : null;

    /// <summary>The user's place in the team, if it lets the user in.</summary>
    public Membership? OpenMembershipOf(TeamId team, UserId user) =>
        MembershipOf(team, user) is { Disabled: false } place && User(user) is { Disabled: false } ? place : null;

    /// <summary>Who is in a team, by the numbers of the users.</summary>
    public IReadOnlyCollection<Membership> MembershipsIn(TeamId team) =>
        _usersOf.TryGetValue(team, out SortedDictionary<long, Membership>? users) ? users.Values : [];

    /// <summary>Where a user is, by the numbers of the teams.</summary>
    public IReadOnlyCollection<Membership> MembershipsOf(UserId user) =>
        _teamsOf.TryGetValue(user, out SortedDictionary<long, Membership>? teams) ? teams.Values : [];

    private void PutTeam(Team team)
    {
        Used(team.Id.Value);
        if (_teams.TryGetValue(team.Id.Value, out Team? before)) _teamsByName.Remove(before.Name.Value);
        _teams[team.Id.Value] = team;
        _teamsByName[team.Name.Value] = team;
        if (FirstTeam.Value == 0 || team.Id.Value < FirstTeam.Value) FirstTeam = team.Id;
    }

    private void PutUser(User user, RosterDelta delta)
    {
        Used(Math.Max(user.Id.Value, user.Generation));
        if (_users.TryGetValue(user.Id.Value, out User? before)) _usersByName.Remove(before.Name.Value);
        _users[user.Id.Value] = user;
        _usersByName[user.Name.Value] = user;
        delta.Users.Add(user.Id);
    }

    private void DropUser(UserId id, RosterDelta delta)
    {
        if (!_users.Remove(id.Value, out User? user)) return;
        _usersByName.Remove(user.Name.Value);
        _letters.Remove(id);
        ForgetInvitationsOf(id);
        foreach (Team team in _teams.Values.Where(team => team.Founder == id).ToArray())
            PutTeam(team with { Founder = null });
        delta.Users.Add(id);
    }

    private void PutMembership(Membership place, RosterDelta delta)
    {
        Used(place.Generation);
        In(_usersOf, place.Team)[place.User.Value] = place;
        In(_teamsOf, place.User)[place.Team.Value] = place;
        delta.Users.Add(place.User);
    }

    private void DropMembership(TeamId team, UserId user, RosterDelta delta)
    {
        In(_usersOf, team).Remove(user.Value);
        In(_teamsOf, user).Remove(team.Value);
        EmptyMailbox(team, user);
        delta.Users.Add(user);
    }

    private static SortedDictionary<long, Membership> In<T>(
        Dictionary<T, SortedDictionary<long, Membership>> index, T key) where T : struct
    {
        if (!index.TryGetValue(key, out SortedDictionary<long, Membership>? places)) index[key] = places = [];
        return places;
    }
}
