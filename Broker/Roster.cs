using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>
/// Everything that is stored, in memory, as decisions need it. It is changed by <see cref="Apply"/> alone, after the
/// store has the change. Not for several threads; what is enumerated comes in the order of numbers or names.
/// </summary>
sealed partial class Roster
{
    private readonly SortedDictionary<long, Worker> _workers = [];
    private readonly SortedDictionary<long, Service> _services = [];
    private readonly Dictionary<WorkerId, SortedSet<long>> _servicesOf = [];
    private readonly Dictionary<NodeId, TriggerRoute> _routes = [];
    private readonly RosterNames _names = new();
    private readonly RosterTree _tree = new();
    private long _lastId;

    public Roster(StoredState state)
    {
        // The root of every tree is number 1; what is stored begins behind it.
        _lastId = Math.Max(state.LastId, (long)NodeId.Root.Value);
        var loaded = new RosterDelta();
        foreach (Team team in state.Teams) PutTeam(team);
        foreach (User user in state.Users) PutUser(user, loaded);
        foreach (Membership membership in state.Memberships) PutMembership(membership, loaded);
        foreach (Letter letter in state.Letters) PutLetter(letter);
        foreach (DeadLetter letter in state.DeadLetters) PutDeadLetter(letter);
        foreach (Invitation invitation in state.Invitations) PutInvitation(invitation);
        foreach (Worker worker in state.Workers) PutWorker(worker);
        foreach (Service service in state.Services) PutService(service, loaded);
        foreach (Node node in state.Nodes) _tree.Put(node);
        foreach (TriggerHits hits in state.Hits) Hits.Restore(hits);
        foreach (Revision revision in state.Revisions) Revisions.Put(revision);
    }

    /// <summary>How often each trigger fired.</summary>
    public RosterHits Hits { get; } = new();

    /// <summary>What the teams' configurations were before.</summary>
    public RosterRevisions Revisions { get; } = new();

    /// <summary>A number that nothing ever had. It is used up even if what it was for is not stored.</summary>
    public long NextId() => ++_lastId;

    public Worker? Worker(WorkerId id) => _workers.GetValueOrDefault(id.Value);

    /// <summary>Does not search: a worker's name is in the same map as the services'.</summary>
    public Worker? FindWorker(TeamId team, string name) =>
        _names.TryFind(team, name, out Service? one) && one.Id.Value == 0 ? Worker(one.Workers[0]) : null;

    public IEnumerable<Worker> Workers(TeamId team) => _workers.Values.Where(worker => worker.Team == team);

    /// <summary>A real service by its number; null for none and for 0.</summary>
    public Service? Service(ServiceId id) => _services.GetValueOrDefault(id.Value);

    public IEnumerable<Service> Services(TeamId team) => _services.Values.Where(service => service.Team == team);

    /// <summary>The real services that a worker is attached to, in the order of their numbers.</summary>
    public IEnumerable<Service> ServicesOf(WorkerId worker) =>
        _servicesOf.TryGetValue(worker, out SortedSet<long>? ids) ? ids.Select(id => _services[id]) : [];

    /// <summary>
    /// A service by the text of a request: <c>service</c> in the sender's team, or <c>team/service</c>. A worker's
    /// identity is a service of one with number 0. Does not allocate; says nothing about rights.
    /// </summary>
    public bool TryFindService(TeamId own, ReadOnlySpan<byte> utf8Name, [NotNullWhen(true)] out Service? service)
    {
        int slash = utf8Name.IndexOf((byte)'/');
        if (slash < 0) return _names.TryFind(own, utf8Name, out service);
        service = null;
        Span<char> name = stackalloc char[Limits.NameMax];
        return slash <= name.Length
            && Ascii.ToUtf16(utf8Name[..slash], name, out int length) == OperationStatus.Done
            && _teamsByName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out Team? team)
            && _names.TryFind(team.Id, utf8Name[(slash + 1)..], out service);
    }

    /// <summary>As with bytes, for text.</summary>
    public Service? FindService(TeamId own, string name) =>
        TryFindService(own, Encoding.UTF8.GetBytes(name), out Service? service) ? service : null;
}
