using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>How writes to a trigger become messages.</summary>
enum MessageMode : byte
{
    /// <summary>Each write is one message.</summary>
    Write = 1,

    /// <summary>Each line is one message.</summary>
    Line = 2,

    /// <summary>Everything between open and close is one message.</summary>
    Close = 3,
}

/// <summary>A directory or a trigger as a mount shows it.</summary>
/// <param name="Id">Also the inode number.</param>
/// <param name="Parent">The directory that it is in; the root is its own parent.</param>
/// <param name="IsDirectory">A directory, else a trigger.</param>
/// <param name="Mode">Permission bits, 0 to 0777 (octal).</param>
/// <param name="Name">One component of a path; empty for the root.</param>
/// <param name="Owner">The user that owns it.</param>
/// <param name="Hits">How often it fired.</param>
/// <param name="FiredUnixMs">When it fired last; 0 for never.</param>
/// <param name="CreatedUnixMs">When it was made.</param>
/// <param name="ChangedUnixMs">When it was changed last; a directory also when something came into it or went.</param>
/// <param name="Service">The service that it is attached to; empty for none.</param>
/// <param name="Plugin">The plugin that it runs; empty for none.</param>
/// <param name="TimeoutMs">How long a run of it may take, in ms; 0 for the service's.</param>
/// <param name="Messages">How writes become messages.</param>
/// <param name="Synchronous">Whether a write waits for its answer.</param>
/// <param name="Visibility">Who may write to it.</param>
/// <param name="Retry">How often a lost or failed run is started again, 0 to 100; 0 for the service's.</param>
/// <param name="Description">For people; empty for none.</param>
/// <param name="Usable">Whether the session that is told may write to it, whatever the permission bits say.</param>
/// <param name="Limit">Bytes of one message; 0 for a directory.</param>
/// <param name="Delivery">How its messages are delivered, as far as it is set at the trigger itself.</param>
sealed record TreeNode(
    NodeId Id,
    NodeId Parent,
    bool IsDirectory,
    ushort Mode,
    string Name,
    string Owner,
    ulong Hits,
    long FiredUnixMs,
    long CreatedUnixMs,
    long ChangedUnixMs,
    string Service,
    string Plugin,
    uint TimeoutMs,
    MessageMode Messages,
    bool Synchronous,
    Visibility Visibility,
    byte Retry,
    string Description,
    bool Usable,
    uint Limit,
    Delivery Delivery = default);

/// <summary>
/// Nodes that are new or changed and nodes that are gone. A snapshot is a run of such messages from one with
/// <paramref name="First"/> to one with <paramref name="Complete"/>; parents come before children. Later ones are
/// changes.
/// </summary>
/// <remarks>
/// flag first | flag complete | u16 count | count × u64 gone | u16 count | count × (u64 id | u64 parent | flag
/// directory | u16 mode | text name | name owner | u64 hits | i64 fired | i64 created | i64 changed | text service |
/// text plugin | u32 timeout in ms | u8 message mode | flag synchronous | u8 visibility | u8 retry |
/// text description | flag usable | u32 limit | text delivery)
/// </remarks>
sealed record Tree(bool First, bool Complete, IReadOnlyList<NodeId> Gone, IReadOnlyList<TreeNode> Nodes)
{
    /// <summary>Nodes in one message at the most; a snapshot of more is several messages.</summary>
    public const int NodesMax = 200;

    /// <summary>Bytes of all delivery settings of a trigger: twice what they have today.</summary>
    private const int DeliveryMax = 256;

    public static Tree Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        bool first = wire.Flag();
        bool complete = wire.Flag();
        var gone = new NodeId[wire.Count(NodesMax, sizeMin: 8)];
        for (int i = 0; i < gone.Length; i++) gone[i] = new(wire.UInt64());
        var nodes = new TreeNode[wire.Count(NodesMax, sizeMin: 70)];
        for (int i = 0; i < nodes.Length; i++) nodes[i] = ReadNode(ref wire);
        return new(first, complete, gone, nodes);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Tree);
        wire.Flag(First);
        wire.Flag(Complete);
        wire.Count(Gone.Count, NodesMax);
        foreach (NodeId id in Gone) wire.UInt64(id.Value);
        wire.Count(Nodes.Count, NodesMax);
        foreach (TreeNode node in Nodes) WriteNode(wire, node);
    }

    private static TreeNode ReadNode(ref WireReader wire) => new(
        new(wire.UInt64()),
        new(wire.UInt64()),
        wire.Flag(),
        wire.UInt16(),
        wire.Text(Limits.FileNameMax),
        wire.NameText(),
        wire.UInt64(),
        wire.Int64(),
        wire.Int64(),
        wire.Int64(),
        wire.Text(),
        wire.Text(Limits.PathMax),
        wire.UInt32(),
        wire.OneOf(last: MessageMode.Close, first: MessageMode.Write),
        wire.Flag(),
        wire.OneOf(last: Visibility.Public, first: Visibility.Local),
        wire.UInt8(),
        wire.Text(Limits.DescriptionMax),
        wire.Flag(),
        wire.UInt32(),
        ReadDelivery(ref wire));

    /// <summary>As it is stored; settings that are not known belong to a newer peer.</summary>
    private static Delivery ReadDelivery(ref WireReader wire)
    {
        string text = wire.Text(DeliveryMax);
        try
        {
            return text.Length == 0 ? default : Delivery.Parse(text);
        }
        catch (TriggerException problem)
        {
            throw new WireException("a Tree message cannot be read", $"delivery: {problem.Message}");
        }
    }

    private static void WriteNode(WireWriter wire, TreeNode node)
    {
        wire.UInt64(node.Id.Value);
        wire.UInt64(node.Parent.Value);
        wire.Flag(node.IsDirectory);
        wire.UInt16(node.Mode);
        wire.Text(node.Name);
        wire.Name(node.Owner);
        wire.UInt64(node.Hits);
        wire.Int64(node.FiredUnixMs);
        wire.Int64(node.CreatedUnixMs);
        wire.Int64(node.ChangedUnixMs);
        wire.Text(node.Service);
        wire.Text(node.Plugin);
        wire.UInt32(node.TimeoutMs);
        wire.UInt8((byte)node.Messages);
        wire.Flag(node.Synchronous);
        wire.UInt8((byte)node.Visibility);
        wire.UInt8(node.Retry);
        wire.Text(node.Description);
        wire.Flag(node.Usable);
        wire.UInt32(node.Limit);
        wire.Text(node.Delivery.ToString());
    }
}

/// <summary>Asks for the team's tree, now and whenever it changes.</summary>
/// <remarks>no fields</remarks>
static class Watch
{
    public static void Write(WireWriter wire) => wire.Begin(MessageKind.Watch);
}
