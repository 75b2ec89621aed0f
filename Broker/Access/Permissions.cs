using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>Who may do what. Three tables in one place; what no row of them allows is denied.</summary>
static class Permissions
{
    /// <summary>Things of a team: workers, services, directories and triggers.</summary>
    private static readonly Row[] Things =
    [
        new(Standing.Admin, Right.See, Visibility.Local),
        new(Standing.Admin, Right.Use, Visibility.Local),
        new(Standing.Admin, Right.Change, Visibility.Local),
        new(Standing.Admin, Right.Reveal, Visibility.Local),
        new(Standing.Admin, Right.Watch, Visibility.Local),
        new(Standing.Owner, Right.See, Visibility.Local),
        new(Standing.Owner, Right.Use, Visibility.Local),
        new(Standing.Owner, Right.Change, Visibility.Local),
        new(Standing.Owner, Right.Reveal, Visibility.Local),
        new(Standing.Owner, Right.Watch, Visibility.Local),
        new(Standing.Member, Right.See, Visibility.Team),
        new(Standing.Member, Right.Use, Visibility.Team),
        new(Standing.Observer, Right.See, Visibility.Team),
        new(Standing.Observer, Right.Use, Visibility.Public),
        new(Standing.Stranger, Right.See, Visibility.Public),
        new(Standing.Stranger, Right.Use, Visibility.Public),
    ];

    /// <summary>What is about no thing in particular; each rank has what those before it have.</summary>
    private static readonly (Rank From, Deed Deed)[] Deeds =
    [
        (Rank.Observer, Deed.Look),
        (Rank.Observer, Deed.KeepAccount),
        (Rank.Member, Deed.Make),
        (Rank.Member, Deed.Found),
        (Rank.Admin, Deed.Lead),
        (Rank.Operator, Deed.Operate),
    ];

    /// <summary>Whose secret may be set by whom. A secret that its user chose is nobody else's business.</summary>
    private static readonly (Kinship Who, bool WhereOwn)[] Secrets =
    [
        (Kinship.Self, true), (Kinship.Self, false),
        (Kinship.Admin, false),
        (Kinship.Operator, true), (Kinship.Operator, false),
    ];

    /// <summary>Whether a standing has a right to a thing of this visibility.</summary>
    public static bool Allow(Standing standing, Right right, Visibility visibility)
    {
        foreach (Row row in Things)
            if (row.Standing == standing && row.Right == right && visibility >= row.From) return true;
        return false;
    }

    /// <summary>Whether a rank may do a deed.</summary>
    public static bool Allow(Rank rank, Deed deed) => Array.Exists(Deeds, row => row.Deed == deed && rank >= row.From);

    /// <summary>Whether somebody may set the secret of an account, which its user chose or not.</summary>
    public static bool MaySetSecret(Kinship who, bool isOwn) => Array.IndexOf(Secrets, (who, isOwn)) >= 0;

    public static bool Allow(Roster roster, Actor actor, Deed deed) => Allow(RankOf(roster, actor), deed);

    public static Rank RankOf(Roster roster, Actor actor) => actor.Role switch
    {
        TeamRole.Admin => actor.Team == roster.FirstTeam ? Rank.Operator : Rank.Admin,
        TeamRole.Member => Rank.Member,
        _ => Rank.Observer,
    };

    /// <summary>
    /// Whoever runs the broker: the admins of its first team, which was made with it. Within other teams they may
    /// nothing.
    /// </summary>
    public static bool IsOperator(Roster roster, Actor actor) => RankOf(roster, actor) == Rank.Operator;

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
    public static bool MayFire(Roster roster, Actor writer, Node trigger, Service? service)
    {
        if (!Allow(writer, Right.Use, trigger)) return false;
        if (service is null) return true;
        return roster.MembershipOf(trigger.Team, trigger.Owner) is { } owner
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
