using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>What somebody may want of a thing.</summary>
enum Right
{
    /// <summary>To see it in a listing. Within a team the tree and the workers are seen by all.</summary>
    See,

    /// <summary>To send it requests: a service, a worker's identity, a trigger.</summary>
    Use,

    /// <summary>To change, rename or delete it.</summary>
    Change,

    /// <summary>To see what it proves itself with: a worker's token.</summary>
    Reveal,
}

/// <summary>What somebody is to a thing.</summary>
enum Standing
{
    /// <summary>A user of another team.</summary>
    Stranger,
    Observer,
    Member,
    Owner,
    Admin,
}

/// <summary>Who may do what. One table; what no row allows is denied.</summary>
static class Permissions
{
    private static readonly Row[] Rows =
    [
        new(Standing.Admin, Right.See, Visibility.Local),
        new(Standing.Admin, Right.Use, Visibility.Local),
        new(Standing.Admin, Right.Change, Visibility.Local),
        new(Standing.Admin, Right.Reveal, Visibility.Local),
        new(Standing.Owner, Right.See, Visibility.Local),
        new(Standing.Owner, Right.Use, Visibility.Local),
        new(Standing.Owner, Right.Change, Visibility.Local),
        new(Standing.Owner, Right.Reveal, Visibility.Local),
        new(Standing.Member, Right.See, Visibility.Team),
        new(Standing.Member, Right.Use, Visibility.Team),
        new(Standing.Observer, Right.See, Visibility.Team),
        new(Standing.Stranger, Right.See, Visibility.Public),
        new(Standing.Stranger, Right.Use, Visibility.Public),
    ];

    /// <summary>Whether a standing has a right to a thing of this visibility.</summary>
    public static bool Allow(Standing standing, Right right, Visibility visibility)
    {
        foreach (Row row in Rows)
            if (row.Standing == standing && row.Right == right && visibility >= row.From) return true;
        return false;
    }

    /// <summary>Admins and members make things; observers and strangers do not.</summary>
    public static bool MayCreate(Actor actor) => actor.Role is TeamRole.Admin or TeamRole.Member;

    /// <summary>
    /// Whoever runs the broker: the admins of its first team, which was made with it. They see its teams' names and set
    /// their plans; within other teams they may nothing.
    /// </summary>
    public static bool IsOperator(Roster roster, Actor actor) =>
        actor.Role == TeamRole.Admin && roster.FirstTeam == actor.Team;

    public static bool Allow(Actor actor, Right right, Service service) =>
        Allow(StandingOf(actor, service.Team, service.Owner), right, service.Visibility);

    /// <summary>The right to the worker itself; its identity as a service has a visibility of its own.</summary>
    public static bool Allow(Actor actor, Right right, Worker worker)
    {
        Standing standing = StandingOf(actor, worker.Team, worker.Owner);
        return right == Right.See ? standing != Standing.Stranger : Allow(standing, right, Visibility.Local);
    }

    /// <summary>
    /// The right to a directory or trigger. All of a team see its tree: it is the same on every mount.
    /// </summary>
    public static bool Allow(Actor actor, Right right, Node node)
    {
        Standing standing = StandingOf(actor, node.Team, node.Owner);
        if (standing == Standing.Stranger) return false;
        return right == Right.See || Allow(standing, right, node.Trigger?.Visibility ?? Visibility.Local);
    }

    /// <summary>
    /// Whether a write to a trigger may reach its service: the writer may use the trigger, and the trigger's owner may
    /// (still) use the service. A trigger so lends out what its owner may do, and no more.
    /// </summary>
    public static bool MayFire(Roster roster, Actor writer, TriggerRoute route)
    {
        if (!Allow(writer, Right.Use, route.Node)) return false;
        if (route.Service is not { } service) return true;
        return roster.MembershipOf(route.Node.Team, route.Node.Owner) is { } owner
            && Allow(new Actor(owner.User, owner.Team, owner.Role), Right.Use, service);
    }

    private static Standing StandingOf(Actor actor, TeamId team, UserId owner)
    {
        if (actor.Team != team) return Standing.Stranger;
        return actor.Role switch
        {
            TeamRole.Admin => Standing.Admin,
            TeamRole.Member => actor.User == owner ? Standing.Owner : Standing.Member,
            _ => Standing.Observer,
        };
    }

    /// <summary>A standing has a right to everything that is at least as visible as this.</summary>
    private readonly record struct Row(Standing Standing, Right Right, Visibility From);
}
