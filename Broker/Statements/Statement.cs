using TriggerFs.Broker.Access;
using TriggerFs.Broker.Queue;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>One statement that is being decided: who asks for what, and the finding of what it names.</summary>
sealed record Statement(Office Office, Actor Actor, Manage Asked, Instant Now)
{
    public Roster Roster => Office.Roster;

    public ObjectKind Kind => Asked.Kind;

    public string Name => Asked.Name;

    public IReadOnlyList<string> Values => Asked.Values;

    public TeamId Team => Actor.Team;

    /// <summary>What is to be stored of the secret among the values; empty where there is none.</summary>
    public string SecretHash { get; init; } = "";

    /// <summary>The worker that the statement names.</summary>
    public Worker Worker() => Worker(Name);

    public Worker Worker(string name) => Roster.FindWorker(Team, name) ?? throw Missing("worker", name, "show workers");

    /// <summary>
    /// The service that the statement names; a worker's identity is not enough, and what may not be seen is not there.
    /// </summary>
    public Service Service() => Service(Name);

    public Service Service(string name)
    {
        if (!name.Contains('/') && Roster.FindService(Team, name) is { } found)
        {
            if (found.Id.Value == 0)
                throw new TriggerException(ErrorCode.NotFound, $"'{NameRule.Shown(name)}' is a worker, not a service",
                    "a worker's identity can be sent requests, but has no rules of its own",
                    $"make a service for it: set services name NAME; set services NAME workers add {name}");
            if (Permissions.Allow(Actor, Right.See, found)) return found;
        }
        throw Missing("service", name, "show services");
    }

    /// <summary>
    /// The trigger that the statement names by its path, or by its last component where that is enough.
    /// </summary>
    public Node Trigger()
    {
        if (Kind == ObjectKind.Node || Name.StartsWith('/'))
            return Node() is { Trigger: not null } node ? node : throw NotTrigger(Name);
        Node[] found = TriggersNamed(Name);
        if (found.Length == 1) return found[0];
        if (found.Length == 0) throw Missing("trigger", Name, "show triggers");
        throw new TriggerException(ErrorCode.Invalid,
            $"there are {found.Length} triggers named '{NameRule.Shown(Name)}'",
            "they are " + Some(found.Select(node => Roster.PathOf(node.Id).Value)), "name one of them by its path");
    }

    /// <summary>The directory or trigger that the statement names by its path or its number.</summary>
    public Node Node() => Name.StartsWith('/') ? At(Name) : Places.Numbered(this, Name);

    public Node[] TriggersNamed(string name) =>
        Roster.Below(Team, NodeId.Root).Where(node => node.Trigger is not null && node.Name == name).ToArray();

    /// <summary>The directory or trigger at a path, which is not the root.</summary>
    public Node At(string path)
    {
        TriggerPath place = TriggerPath.Parse(path);
        if (place == TriggerPath.Root)
            throw new TriggerException(ErrorCode.NotAllowed, "the root of the tree cannot be changed");
        return Roster.Find(Team, place) ?? throw Missing("file or directory", path, "show directories");
    }

    /// <summary>The place in the team of the user that the statement names; nobody else is there.</summary>
    public Membership Place() => Place(Name);

    public Membership Place(string user) =>
        Roster.FindUser(user) is { } found && Roster.MembershipOf(Team, found.Id) is { } place
            ? place : throw Missing("user", user, "show users");

    /// <summary>Refuses a change of what is somebody else's.</summary>
    public T Changeable<T>(T thing, bool allowed, UserId owner, string name) => allowed ? thing
        : throw new TriggerException(ErrorCode.NotAllowed, $"'{name}' is not yours to change",
            $"it belongs to {Roster.NameOf(owner)}", "ask its owner or an admin of the team");

    public Worker ChangeableWorker(string name)
    {
        Worker worker = Worker(name);
        return Changeable(worker, Permissions.Allow(Actor, Right.Change, worker), worker.Owner, name);
    }

    public Service ChangeableService()
    {
        Service service = Service();
        return Changeable(service, Permissions.Allow(Actor, Right.Change, service), service.Owner, Name);
    }

    public Node Changeable(Node node) =>
        Changeable(node, Permissions.Allow(Actor, Right.Change, node), node.Owner, Roster.PathOf(node.Id).Value);

    /// <summary>
    /// The trigger whose messages the statement is about, or what stands for one where it names a service: that one's
    /// requests for later.
    /// </summary>
    public NodeId ChangeableQueue() => Kind == ObjectKind.Service
        ? Posted.TriggerOf(ChangeableService().Id) : Changeable(Trigger()).Id;

    /// <summary>Refuses a name that a worker or a service of the team has; they share one set of names.</summary>
    public void CheckFree(string name)
    {
        if (Roster.FindService(Team, name) is not { } taken) return;
        throw new TriggerException(ErrorCode.Exists,
            $"the name '{name}' is taken by a {(taken.Id.Value == 0 ? "worker" : "service")}",
            "a worker's identity is a service too, so they share one set of names", "choose another name");
    }

    /// <summary>Refuses one more worker, service or user than a team may have.</summary>
    public static void CheckRoom(int count, string what) => CheckRoom(count, Limits.ThingsPerTeamMax, what);

    /// <summary>Refuses one more directory or trigger than a team may have.</summary>
    public void CheckRoomInTree() =>
        CheckRoom(Roster.CountNodes(Team), Limits.NodesPerTeamMax, "directories and triggers");

    private static void CheckRoom(int count, int max, string what)
    {
        if (count >= max)
            throw new TriggerException(ErrorCode.TooLarge, $"the team has {count} {what} already",
                $"at most {max} are allowed", "delete some that are not used");
    }

    public static TriggerException Missing(string what, string name, string show) =>
        new(ErrorCode.NotFound, $"there is no {what} '{NameRule.Shown(name)}'", fix: $"triggerfs cli -c '{show}'");

    /// <summary>How many there are, for the beginning of a sentence.</summary>
    public static string Messages(int count) => count == 1 ? "1 message is" : $"{count} messages are";

    /// <summary>Names for a sentence, a few of many.</summary>
    public static string Some(IEnumerable<string> names)
    {
        string[] all = names.ToArray();
        return string.Join(", ", all.Take(10)) + (all.Length > 10 ? $" and {all.Length - 10} more" : "");
    }

    private static TriggerException NotTrigger(string path) =>
        new(ErrorCode.Invalid, $"'{NameRule.Shown(path)}' is a directory, not a trigger");
}
