using System.Globalization;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// What some changes come to: each thing once, as it was and as it will be. Looked at before they are applied.
/// </summary>
sealed class AuditedChanges
{
    private readonly Roster _roster;
    private readonly List<(string Kind, long Id)> _order = [];
    private readonly Dictionary<(string Kind, long Id), (Fields? Before, Fields? After)> _things = [];
    private readonly Dictionary<NodeId, Node> _nodes = [];
    private readonly Dictionary<UserId, User> _users = [];
    private readonly Dictionary<WorkerId, Worker> _workers = [];
    private readonly Dictionary<ServiceId, Service> _services = [];
    private readonly HashSet<TeamId> _teams = [];
    private readonly Dictionary<TeamId, Team> _newTeams = [];
    private readonly bool _hasManyLetters;

    public AuditedChanges(Roster roster, IReadOnlyList<Change> changes)
    {
        _roster = roster;
        foreach (Change change in changes)
        {
            if (change is Change.PutNode(var node)) _nodes[node.Id] = node;
            else if (change is Change.PutWorker(var worker)) _workers[worker.Id] = worker;
            else if (change is Change.PutService(var service)) _services[service.Id] = service;
        }
        int letters = changes.Count(static change => change is Change.DropDeadLetter);
        _hasManyLetters = letters > 1;
        foreach (Change change in changes) Add(change);
        int dropped = changes.Count(static change => change is Change.DropMessage);
        if (dropped > 0) Put("messages", 0, null, new(Table.Number(dropped)), null);
        if (_hasManyLetters) Put("dead letters", 0, null, new(Table.Number(letters)), null);
        foreach ((Fields? before, Fields? after) in _things.Values)
            if (before is not null && after is not null) Fields.KeepDifferences(before, after);
    }

    /// <summary>
    /// The team whose things they are, which they may make; null when they are of none, or of several.
    /// </summary>
    public Team? Team => _teams.Count == 1 ? TeamOf(_teams.First()) : null;

    /// <summary>The things, in the order in which they are changed first.</summary>
    public List<AuditedThing> Things =>
    [
        .. _order.Select(key => new AuditedThing(
            key.Kind, key.Id, AuditText.Clean(NameOf(key)), _things[key].Before?.Texts, _things[key].After?.Texts)),
    ];

    /// <summary>
    /// What differs, as words of growing detail: <c>service 21 timeout</c>, <c>service 21 workers demo01</c>; of a
    /// thing that is new or gone, all of it: <c>service 21</c>.
    /// </summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach ((string Kind, long Id) key in _order)
            {
                string thing = $"{key.Kind} {key.Id}";
                if (_things[key] is ({ } before, { } after))
                    foreach (string words in before.Words.Union(after.Words)) yield return $"{thing} {words}";
                else yield return thing;
            }
        }
    }

    /// <summary>A key of a thing among these, with its name instead of its number.</summary>
    public string Name(string key)
    {
        string[] words = key.Split(' ', 3);
        var thing = (words[0], long.Parse(words[1], CultureInfo.InvariantCulture));
        return $"{words[0]} {NameOf(thing)}{(words.Length > 2 ? " " + words[2] : "")}";
    }

    private Team? TeamOf(TeamId id) =>
        _newTeams.GetValueOrDefault(id) ?? _roster.Teams.FirstOrDefault(team => team.Id == id);

    private void Add(Change change)
    {
        switch (change)
        {
            case Change.PutTeam(var team):
                _newTeams[team.Id] = team;
                Put("team", team.Id.Value, team.Id, Before(team.Id), Fields.Of(team));
                break;
            case Change.PutUser(var user):
                _users[user.Id] = user;
                Put("user", user.Id.Value, null, Before(user.Id), Fields.Of(user));
                break;
            case Change.DropUser(var id):
                Put("user", id.Value, null, Before(id), null);
                break;
            case Change.PutMembership(var place):
                Put("membership", place.User.Value, place.Team, Before(place.Team, place.User),
                    Fields.Of(NameOf(place.User), place));
                break;
            case Change.DropMembership(var team, var user):
                Put("membership", user.Value, team, Before(team, user), null);
                break;
            case Change.PutLetter(var letter):
                Put("letter", letter.Id.Value, letter.Team, null, Fields.Of(NameOf(letter.To), letter));
                break;
            case Change.DropLetter(var user, var id):
                Put("letter", id.Value, null, new(NameOf(user)), null);
                break;
            case Change.DropDeadLetter(var id) when !_hasManyLetters:
                Put("dead letter", id, null, new(Table.Number(id)), null);
                break;
            case Change.PutMessage(var message) when !_hasManyLetters:
                Put("message", message.Id, message.Team, null, new(Table.Number(message.Id)));
                break;
            case Change.PutInvitation(var invitation):
                Put("invitation", invitation.Id.Value, invitation.Team, null, Fields.Of(_roster, invitation));
                break;
            case Change.DropInvitation(var id):
                Put("invitation", id.Value, _roster.AnyInvitation(id)?.Team, Before(id), null);
                break;
            case Change.PutWorker(var worker):
                Put("worker", worker.Id.Value, worker.Team, Before(worker.Id), Fields.Of(_roster, worker));
                break;
            case Change.DropWorker(var id):
                Put("worker", id.Value, _roster.Worker(id)?.Team, Before(id), null);
                break;
            case Change.PutService(var service):
                Put("service", service.Id.Value, service.Team, Before(service.Id), Fields.Of(_roster, service, NameOf));
                break;
            case Change.DropService(var id):
                Put("service", id.Value, _roster.Service(id)?.Team, Before(id), null);
                break;
            case Change.PutNode(var node):
                Put(KindOf(node), (long)node.Id.Value, node.Team, Before(node.Id),
                    Fields.Of(_roster, node, PathOf(node), NameOf));
                break;
            case Change.DropNode(var id):
                Put(KindOf(_roster.Node(id)), (long)id.Value, _roster.Node(id)?.Team, Before(id), null);
                break;
            case Change.ClearHits(var id):
                Put("hits", (long)id.Value, _roster.Node(id)?.Team, Hits(id, _roster.Hits.Of(id).Count), Hits(id, 0));
                break;
            // Told as what came or went, as what the revision is of, and as how many there are.
            case Change.TouchDirectory or Change.PutRevision or Change.DropRevision or Change.DropMessage
                or Change.DropDeadLetter or Change.PutMessage:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(change), change, "the audit has no words for this change");
        }
    }

    private void Put(string kind, long id, TeamId? team, Fields? before, Fields? after)
    {
        if (team is { } known) _teams.Add(known);
        bool isKnown = _things.TryGetValue((kind, id), out var earlier);
        if (isKnown) before = earlier.Before;
        else _order.Add((kind, id));
        _things[(kind, id)] = (before, after);
        if (!isKnown || before is not null || after is not null) return;
        // It was made and removed again.
        _things.Remove((kind, id));
        _order.Remove((kind, id));
    }

    private Fields? Before(TeamId id) =>
        _roster.Teams.FirstOrDefault(team => team.Id == id) is { } team ? Fields.Of(team) : null;

    private Fields? Before(UserId id) => _roster.User(id) is { } user ? Fields.Of(user) : null;

    private Fields? Before(TeamId team, UserId user) =>
        _roster.MembershipOf(team, user) is { } place ? Fields.Of(NameOf(user), place) : null;

    /// <summary>The user may be made by the same changes.</summary>
    private string NameOf(UserId id) => _roster.User(id)?.Name.Value ?? _users.GetValueOrDefault(id)?.Name.Value ?? "";

    private Fields? Before(InvitationId id) =>
        _roster.AnyInvitation(id) is { } invitation ? Fields.Of(_roster, invitation) : null;
    private string NameOf(WorkerId id) =>
        (_workers.GetValueOrDefault(id) ?? _roster.Worker(id))?.Name.Value ?? Table.Number(id.Value);

    private string NameOf(ServiceId id) =>
        (_services.GetValueOrDefault(id) ?? _roster.Service(id))?.Name.Value ?? Table.Number(id.Value);

    private string NameOf((string Kind, long Id) thing) => _things.TryGetValue(thing, out var fields)
        ? fields.Before?.Name ?? fields.After?.Name ?? "" : Table.Number(thing.Id);

    private Fields? Before(WorkerId id) => _roster.Worker(id) is { } worker ? Fields.Of(_roster, worker) : null;

    private Fields? Before(ServiceId id) =>
        _roster.Service(id) is { } service ? Fields.Of(_roster, service, NameOf) : null;

    private Fields? Before(NodeId id) =>
        _roster.Node(id) is { } node ? Fields.Of(_roster, node, _roster.PathOf(id).Value, NameOf) : null;

    private Fields Hits(NodeId id, ulong count) =>
        Fields.OfHits(_roster.Node(id) is null ? "" : _roster.PathOf(id).Value, count);

    private static string KindOf(Node? node) => node?.Trigger is null ? "directory" : "trigger";

    /// <summary>The path that it will have; directories above it may be among the changes, too.</summary>
    private string PathOf(Node node)
    {
        string path = "/" + node.Name;
        for (NodeId at = node.Parent; at != NodeId.Root;)
        {
            if ((_nodes.GetValueOrDefault(at) ?? _roster.Node(at)) is not { } above) break;
            path = "/" + above.Name + path;
            at = above.Parent;
        }
        return path;
    }
}
