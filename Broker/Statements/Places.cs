using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// The rules of where something may be in the tree, for the console's paths and a mount's numbers alike.
/// </summary>
static class Places
{
    /// <summary>The directory in which a path lies; refuses the root itself and what is not a directory.</summary>
    public static NodeId ParentOf(Statement statement, TriggerPath path)
    {
        if (path == TriggerPath.Root) throw new TriggerException(ErrorCode.Exists, "'/' is there already");
        return DirectoryAt(statement, path.Parent);
    }

    /// <summary>The directory at a path, the root included.</summary>
    public static NodeId DirectoryAt(Statement statement, TriggerPath path)
    {
        if (path == TriggerPath.Root) return NodeId.Root;
        Node? node = statement.Roster.Find(statement.Team, path);
        if (node is null)
            throw new TriggerException(ErrorCode.NotFound, $"there is no directory '{path}'",
                fix: $"triggerfs cli -c 'mkdir {path}'");
        return node.Trigger is null ? node.Id : throw NotDirectory(path.Value);
    }

    /// <summary>The directory with a decimal number, the root included.</summary>
    public static NodeId DirectoryNumbered(Statement statement, string number)
    {
        if (number == "1") return NodeId.Root;
        Node node = Numbered(statement, number);
        return node.Trigger is null ? node.Id : throw NotDirectory(statement.Roster.PathOf(node.Id).Value);
    }

    /// <summary>
    /// The node of the team with a decimal number, which is not the root; another team's is not there.
    /// </summary>
    public static Node Numbered(Statement statement, string number)
    {
        if (number == "1") throw new TriggerException(ErrorCode.NotAllowed, "the root of the tree cannot be changed");
        return ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            && statement.Roster.Node(new(value)) is { } node && node.Team == statement.Team
            ? node : throw new TriggerException(ErrorCode.NotFound, "there is no such file or directory",
                $"number {NameRule.Shown(number)} is not, or no longer, in the tree");
    }

    /// <summary>Every trigger is in a directory below the root.</summary>
    public static void CheckTriggerPlace(NodeId directory, string leaf)
    {
        if (directory == NodeId.Root)
            throw new TriggerException(ErrorCode.NotAllowed, $"trigger '{NameRule.Shown(leaf)}' cannot be in the root",
                "triggers are in directories", $"make a directory (mkdir /NAME), then use /NAME/{leaf}");
    }

    public static void CheckFree(Statement statement, NodeId directory, string name)
    {
        if (statement.Roster.Child(statement.Team, directory, name) is { } taken)
            throw new TriggerException(ErrorCode.Exists, $"'{statement.Roster.PathOf(taken.Id)}' is there already",
                taken.Trigger is null ? "it is a directory" : "it is a trigger");
    }

    /// <summary>
    /// Where mv and cp would put something: into the new path if that is a directory, else to it; a name stays where it
    /// is.
    /// </summary>
    public static (NodeId Parent, string Name) Destination(Statement statement, Node node, string text)
    {
        if (!text.StartsWith('/')) return (node.Parent, text);
        TriggerPath to = TriggerPath.Parse(text);
        if (to == TriggerPath.Root) return (NodeId.Root, node.Name);
        Node? there = statement.Roster.Find(statement.Team, to);
        if (there is { Trigger: null } && there.Id != node.Id) return (there.Id, node.Name);
        return (ParentOf(statement, to), to.Leaf);
    }

    /// <summary>Refuses a place where a node, with all below it, would be too deep or have too long a path.</summary>
    public static void CheckSize(Statement statement, NodeId directory, string name, Node? moved)
    {
        string parent = statement.Roster.PathOf(directory).Value;
        string path = (parent == "/" ? "" : parent) + "/" + name;
        (int depth, int bytes) = moved is null ? (0, 0) : Extent(statement, moved.Id);
        if (path.Count(letter => letter == '/') + depth > Limits.PathDepthMax)
            throw new TriggerException(ErrorCode.TooLarge, "the path is too deep",
                $"at most {Limits.PathDepthMax} levels are allowed");
        if (Encoding.UTF8.GetByteCount(path) + bytes > Limits.PathMax)
            throw new TriggerException(ErrorCode.TooLarge, "the path is too long",
                $"at most {Limits.PathMax} bytes are allowed");
    }

    /// <summary>
    /// What is in a directory changed, and so did the directory: programs that keep an index (updatedb) see by its time
    /// whether they have to look again.
    /// </summary>
    public static Change Touch(Statement statement, NodeId directory) =>
        new Change.TouchDirectory(statement.Team, directory, statement.Now.UnixMs);

    public static TriggerException NotDirectory(string path) =>
        new(ErrorCode.Invalid, $"'{NameRule.Shown(path)}' is not a directory", "it is a trigger");

    /// <summary>How many levels and bytes of a path the deepest and the longest below a directory add to it.</summary>
    private static (int Depth, int Bytes) Extent(Statement statement, NodeId directory)
    {
        int depth = 0, bytes = 0;
        foreach (Node node in statement.Roster.Children(statement.Team, directory))
        {
            (int deeper, int longer) = Extent(statement, node.Id);
            depth = Math.Max(depth, 1 + deeper);
            bytes = Math.Max(bytes, 1 + Encoding.UTF8.GetByteCount(node.Name) + longer);
        }
        return (depth, bytes);
    }
}
