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

    /// <summary>The rules that are set one by one: as the console names a trigger, and as a mount does.</summary>
    private static readonly (string Property, Func<TriggerRules, string, TriggerRules> Change)[] Settings =
    [
        (Properties.Plugin, (rules, value) => rules with { Plugin = PluginName.Parse(value).Value }),
        (Properties.Timeout, (rules, value) => rules with { TimeoutMs = Values.TimeoutMs(value) }),
        (Properties.Retry, (rules, value) => rules with { Retry = Values.Retry(value) }),
        (Properties.Message, (rules, value) => rules with { Messages = Values.Message(value) }),
        (Properties.Mode, (rules, value) => rules with { Synchronous = Values.Synchronous(value) }),
        (Properties.Limit, (rules, value) => rules with { Limit = Values.Limit(value) }),
        (Properties.Visibility, (rules, value) => rules with { Visibility = Values.Visibility(value) }),
        Delivered(Properties.Backoff),
        Delivered(Properties.Ttl),
        Delivered(Properties.Priority),
        Delivered(Properties.MaxInflight),
        Delivered(Properties.OnBusy),
        Delivered(Properties.Unique),
        Delivered(Properties.OnFull),
        (Properties.Description, (rules, value) => rules with { Description = Values.Description(value) }),
    ];

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Trigger, "", 0, 0, TriggerTable.Show),
        new(Verb.Create, ObjectKind.Trigger, "", 0, 0, Create),
        new(Verb.Delete, ObjectKind.Trigger, "", 0, 0, Delete),
        new(Verb.Copy, ObjectKind.Trigger, "", 1, 1, Copy),
        new(Verb.Clear, ObjectKind.Trigger, Properties.Hits, 0, 0, ClearHits),
        .. RulesOf(ObjectKind.Trigger),
        .. RulesOf(ObjectKind.Node),
    ];

    private static (string, Func<TriggerRules, string, TriggerRules>) Delivered(string property) =>
        (property, (rules, value) => rules with { Delivery = rules.Delivery.With(property, value) });

    private static IEnumerable<Row> RulesOf(ObjectKind kind) =>
    [
        new(Verb.Add, kind, Properties.Service, 1, 1, Attach),
        new(Verb.Remove, kind, Properties.Service, 0, 1, Detach),
        .. Settings.Select(setting => new Row(Verb.Set, kind, setting.Property, 1, 1, statement =>
        {
            Node node = statement.Changeable(statement.Trigger());
            return Store(statement, node, setting.Change(node.Trigger!, statement.Values[0]));
        })),
    ];

    private static Decision Store(Statement statement, Node node, TriggerRules rules, string notice = "") =>
        Decision.Store(notice, new Change.PutNode(node with { Trigger = rules, UpdatedUnixMs = statement.Now.UnixMs }));

    private static Decision Create(Statement statement)
    {
        TriggerPath path = TriggerPath.Parse(statement.Name);
        NodeId directory = Places.ParentOf(statement, path);
        var rules = new TriggerRules(
            Description: "", Plugin: "", Service: null, TimeoutMs: 0, Retry: 0, MessageMode.Write, Synchronous: false,
            Limits.PayloadMax, Visibility.Local);
        return Make(statement, directory, path.Leaf, PermissionsDefault, rules);
    }

    private static Decision Make(
        Statement statement, NodeId directory, string name, ushort permissions, TriggerRules rules)
    {
        TriggerPath.CheckComponent(name);
        Places.CheckTriggerPlace(directory, name);
        Places.CheckFree(statement, directory, name);
        Places.CheckSize(statement, directory, name, moved: null);
        statement.CheckRoomInTree();
        Quota.Triggers.Check(statement.Roster, statement.Team);
        var node = new Node(
            new((ulong)statement.Roster.NextId()), statement.Team, directory, name, permissions,
            statement.Actor.User, rules, statement.Now.UnixMs, statement.Now.UnixMs);
        return Decision.Store("", new Change.PutNode(node), Places.Touch(statement, directory));
    }

    /// <summary>
    /// A trigger of the asker's with the same rules; it lends what he may do, not what the other's owner may.
    /// </summary>
    private static Decision Copy(Statement statement)
    {
        Node source = statement.Trigger();
        (NodeId directory, string name) = Places.Destination(statement, source, statement.Values[0]);
        TriggerRules rules = source.Trigger!;
        if (rules.Service is { } id && statement.Roster.Service(id) is { } service) CheckUse(statement, service);
        return Make(statement, directory, name, source.Mode, rules);
    }

    private static Decision ClearHits(Statement statement)
    {
        Node[] cleared = statement.Name.Length > 0 ? [statement.Changeable(statement.Trigger())]
            : [.. statement.Roster.Below(statement.Team, NodeId.Root).Where(node => node.Trigger is not null
                && statement.Roster.Hits.Of(node.Id).Count > 0
                && Permissions.Allow(statement.Actor, Right.Change, node))];
        return Decision.Store($"the hits of {cleared.Length} triggers are 0",
            [.. cleared.Select(node => new Change.ClearHits(node.Id))]);
    }

    private static void CheckUse(Statement statement, Service service)
    {
        if (!Permissions.Allow(statement.Actor, Right.Use, service))
            throw new TriggerException(ErrorCode.NotAllowed, $"you may not use service '{service.Name}'",
                $"it belongs to {statement.Roster.NameOf(service.Owner)}");
    }

    private static Decision Delete(Statement statement)
    {
        Node node = statement.Changeable(statement.Trigger());
        return Decision.Store("", new Change.DropNode(node.Id), Places.Touch(statement, node.Parent));
    }

    private static Decision Attach(Statement statement)
    {
        Node node = statement.Changeable(statement.Trigger());
        Service service = statement.Service(statement.Values[0]);
        CheckUse(statement, service);
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
