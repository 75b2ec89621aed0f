using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about triggers and their rules.</summary>
static class TriggerStatements
{
    /// <summary>Permission bits of a new trigger: <c>-rw-r--r--</c>.</summary>
    private const ushort PermissionsDefault = 0b110_100_100;

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Trigger, "", 0, 0, TriggerTable.Show),
        new(Verb.Create, ObjectKind.Trigger, "", 0, 0, Create),
        new(Verb.Delete, ObjectKind.Trigger, "", 0, 0, Delete),
        new(Verb.Add, ObjectKind.Trigger, Properties.Service, 1, 1, Attach),
        new(Verb.Remove, ObjectKind.Trigger, Properties.Service, 0, 1, Detach),
        Setting(Properties.Plugin, (rules, value) => rules with { Plugin = PluginName.Parse(value).Value }),
        Setting(Properties.Timeout, (rules, value) => rules with { TimeoutMs = Values.TimeoutMs(value) }),
        Setting(Properties.Retry, (rules, value) => rules with { Retry = Values.Retry(value) }),
        Setting(Properties.Message, (rules, value) => rules with { Messages = Values.Message(value) }),
        Setting(Properties.Mode, (rules, value) => rules with { Synchronous = Values.Synchronous(value) }),
        Setting(Properties.Visibility, (rules, value) => rules with { Visibility = Values.Visibility(value) }),
        Setting(Properties.Description, (rules, value) => rules with { Description = Values.Description(value) }),
    ];

    private static Row Setting(string property, Func<TriggerRules, string, TriggerRules> change) =>
        new(Verb.Set, ObjectKind.Trigger, property, 1, 1, statement =>
        {
            Node node = statement.Changeable(statement.Trigger());
            return Store(statement, node, change(node.Trigger!, statement.Values[0]));
        });

    private static Decision Store(Statement statement, Node node, TriggerRules rules, string notice = "") =>
        Decision.Store(notice, new Change.PutNode(node with { Trigger = rules, UpdatedUnixMs = statement.Now.UnixMs }));

    private static Decision Create(Statement statement)
    {
        TriggerPath path = TriggerPath.Parse(statement.Name);
        NodeId directory = Places.ParentOf(statement, path);
        Places.CheckTriggerPlace(directory, path.Leaf);
        Places.CheckFree(statement, directory, path.Leaf);
        statement.CheckRoomInTree();
        var rules = new TriggerRules(
            Description: "", Plugin: "", Service: null, TimeoutMs: 0, Retry: 0, MessageMode.Write, Synchronous: false,
            Visibility.Local);
        var node = new Node(
            new((ulong)statement.Roster.NextId()), statement.Team, directory, path.Leaf, PermissionsDefault,
            statement.Actor.User, rules, statement.Now.UnixMs, statement.Now.UnixMs);
        return Decision.Store("", new Change.PutNode(node));
    }

    private static Decision Delete(Statement statement) =>
        Decision.Store("", new Change.DropNode(statement.Changeable(statement.Trigger()).Id));

    private static Decision Attach(Statement statement)
    {
        Node node = statement.Changeable(statement.Trigger());
        Service service = statement.Service(statement.Values[0]);
        if (!Permissions.Allow(statement.Actor, Right.Use, service))
            throw new TriggerException(ErrorCode.NotAllowed, $"you may not use service '{service.Name}'",
                $"it belongs to {statement.Roster.NameOf(service.Owner)}");
        // Writes are judged by what the trigger's owner may do; an attachment that he may not use would only fail
        // later.
        Membership? owner = statement.Roster.MembershipOf(node.Team, node.Owner);
        bool lends = owner is not null
            && Permissions.Allow(new Actor(owner.User, owner.Team, owner.Role), Right.Use, service);
        string notice = lends ? ""
            : $"writes to it are refused: its owner, {statement.Roster.NameOf(node.Owner)}, may not use {service.Name}";
        return Store(statement, node, node.Trigger! with { Service = service.Id }, notice);
    }

    private static Decision Detach(Statement statement)
    {
        Node node = statement.Changeable(statement.Trigger());
        string attached = node.Trigger!.Service is { } id ? statement.Roster.Service(id)?.Name.Value ?? "" : "";
        if (attached.Length == 0 || (statement.Values.Count == 1 && statement.Values[0] != attached))
            throw new TriggerException(ErrorCode.NotFound,
                $"'{node.Name}' is not attached to {(statement.Values.Count == 1 ? "that service" : "a service")}",
                attached.Length == 0 ? "it has no service" : $"its service is '{attached}'");
        return Store(statement, node, node.Trigger with { Service = null });
    }
}
