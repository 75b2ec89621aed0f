using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>What others must hear of after a change was applied to the <see cref="Roster"/>.</summary>
sealed class RosterDelta
{
    /// <summary>Nodes that are new or look different on a mount, parents before children.</summary>
    public List<Node> Nodes { get; } = [];

    /// <summary>Nodes that are gone, children before parents.</summary>
    public List<(TeamId Team, NodeId Node)> Gone { get; } = [];

    /// <summary>Teams whose root looks different on a mount.</summary>
    public HashSet<TeamId> Roots { get; } = [];

    /// <summary>Workers whose list of services changed: they get a new Assigned.</summary>
    public SortedSet<long> Reassigned { get; } = [];

    /// <summary>Workers that were deleted: their sessions end.</summary>
    public List<WorkerId> DroppedWorkers { get; } = [];

    /// <summary>Services that were deleted: what waits for them fails.</summary>
    public List<ServiceId> DroppedServices { get; } = [];

    /// <summary>Services that are new or changed, so that what waits for them can look again.</summary>
    public List<Service> Services { get; } = [];

    /// <summary>
    /// Users whose rights may have changed (a new secret, a new role, disabled): their sessions are judged again.
    /// </summary>
    public List<UserId> Users { get; } = [];
}
