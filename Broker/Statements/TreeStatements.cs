using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about the tree: the console's by path, a mount's by number.</summary>
static class TreeStatements
{
    /// <summary>Permission bits of a new directory: <c>drwxr-xr-x</c>.</summary>
    private const string PermissionsDefault = "755";

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Directory, "", 0, 0, DirectoryTable.Show),
        new(Verb.Create, ObjectKind.Directory, "", 0, 1, MakeAtPath),
        new(Verb.Create, ObjectKind.Node, Properties.Directory, 2, 2, MakeInNumbered),
        new(Verb.Delete, ObjectKind.Directory, "", 0, 0, RemoveAtPath),
        new(Verb.Delete, ObjectKind.Node, Properties.Directory, 1, 1, RemoveInNumbered),
        new(Verb.Rename, ObjectKind.Directory, "", 1, 1, MoveAtPath),
        new(Verb.Rename, ObjectKind.Trigger, "", 1, 1, MoveAtPath),
        new(Verb.Rename, ObjectKind.Node, "", 1, 2, MoveNode),
        new(Verb.Set, ObjectKind.Node, Properties.Permissions, 1, 1, SetPermissions),
    ];

    private static Decision MakeAtPath(Statement statement)
    {
        TriggerPath path = TriggerPath.Parse(statement.Name);
        string permissions = statement.Values.Count == 1 ? statement.Values[0] : PermissionsDefault;
        return Make(statement, Places.ParentOf(statement, path), path.Leaf, permissions);
    }

    private static Decision MakeInNumbered(Statement statement) => Make(
        statement, Places.DirectoryNumbered(statement, statement.Name), statement.Values[0], statement.Values[1]);

    private static Decision Make(Statement statement, NodeId parent, string name, string permissions)
    {
        TriggerPath.CheckComponent(name);
        Places.CheckFree(statement, parent, name);
        Places.CheckSize(statement, parent, name, moved: null);
        statement.CheckRoomInTree();
        var node = new Node(
            new((ulong)statement.Roster.NextId()), statement.Team, parent, name, Values.Permissions(permissions),
            statement.Actor.User, Trigger: null, statement.Now.UnixMs, statement.Now.UnixMs);
        return Decision.Store("", new Change.PutNode(node), Places.Touch(statement, parent));
    }

    private static Decision RemoveAtPath(Statement statement) => Remove(statement, statement.At(statement.Name));

    private static Decision RemoveInNumbered(Statement statement)
    {
        NodeId parent = Places.DirectoryNumbered(statement, statement.Name);
        string name = statement.Values[0];
        return Remove(statement, statement.Roster.Child(statement.Team, parent, name)
            ?? throw Statement.Missing("directory", name, "show directories"));
    }

    private static Decision Remove(Statement statement, Node node)
    {
        string path = statement.Roster.PathOf(node.Id).Value;
        if (node.Trigger is not null) throw Places.NotDirectory(path);
        statement.Changeable(node);
        int count = statement.Roster.Children(statement.Team, node.Id).Count;
        if (count > 0)
            throw new TriggerException(ErrorCode.NotEmpty, $"'{path}' is not empty", $"{count} are in it",
                $"triggerfs cli -c 'show directories {path}'");
        return Decision.Store("", new Change.DropNode(node.Id), Places.Touch(statement, node.Parent));
    }

    private static Decision MoveNode(Statement statement)
    {
        if (statement.Values.Count == 1) return MoveAtPath(statement);
        NodeId parent = Places.DirectoryNumbered(statement, statement.Values[0]);
        return Move(statement, Places.Numbered(statement, statement.Name), parent, statement.Values[1]);
    }

    /// <summary>As mv does: into the new path if that is a directory, else to it; a name stays where it is.</summary>
    private static Decision MoveAtPath(Statement statement)
    {
        Node node = statement.Kind == ObjectKind.Trigger && !statement.Name.StartsWith('/')
            ? statement.Trigger() : statement.At(statement.Name);
        (NodeId parent, string name) = Places.Destination(statement, node, statement.Values[0]);
        return Move(statement, node, parent, name);
    }

    private static Decision Move(Statement statement, Node node, NodeId parent, string name)
    {
        statement.Changeable(node);
        TriggerPath.CheckComponent(name);
        if (node.Parent == parent && node.Name == name) return Decision.Store("");
        if (node.Trigger is not null) Places.CheckTriggerPlace(parent, name);
        for (NodeId above = parent; above != NodeId.Root; above = statement.Roster.Node(above)!.Parent)
            if (above == node.Id)
                throw new TriggerException(ErrorCode.Invalid, $"'{node.Name}' cannot be moved into itself");
        Places.CheckFree(statement, parent, name);
        Places.CheckSize(statement, parent, name, node);
        Node moved = node with { Parent = parent, Name = name, UpdatedUnixMs = statement.Now.UnixMs };
        return Decision.Store(
            "", new Change.PutNode(moved), Places.Touch(statement, node.Parent), Places.Touch(statement, parent));
    }

    private static Decision SetPermissions(Statement statement)
    {
        Node node = statement.Changeable(statement.Node());
        return Decision.Store("", new Change.PutNode(node with
        {
            Mode = Values.Permissions(statement.Values[0]),
            UpdatedUnixMs = statement.Now.UnixMs,
        }));
    }
}
