using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Fs.Nodes;

/// <summary>
/// A directory or a trigger as the kernel's requests find it. What changes is replaced as a whole, so that readers need
/// no lock for one entry; its place in the tree is guarded by <see cref="TriggerTree"/>.
/// </summary>
sealed class TreeEntry
{
    private volatile TreeNode _node;
    private volatile bool _isGone;
    private long _lookups;
    private int _waitingWrites;

    /// <param name="parent">Null for the root.</param>
    /// <param name="before">What had the number before and may still be known to the kernel.</param>
    public TreeEntry(TreeNode node, TreeEntry? parent, TreeEntry? before = null)
    {
        _node = node;
        Id = node.Id;
        IsDirectory = node.IsDirectory;
        NameUtf8 = Encoding.UTF8.GetBytes(node.Name);
        Parent = parent ?? this;
        if (IsDirectory) Children = new(NameComparer.Instance);
        if (before is null) return;
        _lookups = before.Lookups;
        Generation = before.Generation + 1;
    }

    public NodeId Id { get; }

    /// <summary>Ours and not the broker's: in the directory <c>.triggerfs</c>, or it itself.</summary>
    public bool IsReserved => Id.Value >= TriggerTree.FirstReserved;

    /// <summary>What a reserved file says when it is opened; null for all else.</summary>
    public Func<byte[]>? Content { get; init; }

    /// <summary>Tells entries apart that have the same number, one after the other.</summary>
    public ulong Generation { get; }

    public bool IsDirectory { get; }

    /// <summary>What the broker said last of it.</summary>
    public TreeNode Node
    {
        get => _node;
        set => _node = value;
    }

    /// <summary>The name as the kernel spells it.</summary>
    public byte[] NameUtf8 { get; set; }

    /// <summary>The root is its own parent.</summary>
    public TreeEntry Parent { get; set; }

    /// <summary>Null for a trigger.</summary>
    public Dictionary<byte[], TreeEntry>? Children { get; }

    /// <summary>Directories among the children: what makes nlink right.</summary>
    public int Subdirectories { get; set; }

    /// <summary>The children by name, made when somebody lists them; null after a change.</summary>
    public TreeEntry[]? Sorted { get; set; }

    /// <summary>Out of the tree; kept while the kernel has it, so that open files can still be asked about.</summary>
    public bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    /// <summary>How often the kernel was given this node and has not taken it back with FORGET.</summary>
    public long Lookups => Interlocked.Read(ref _lookups);

    /// <summary>
    /// Writes that wait, for their answer or for room, and hold the kernel's lock of this file meanwhile.
    /// </summary>
    public int WaitingWrites => Volatile.Read(ref _waitingWrites);

    public bool KernelKnows => Id == NodeId.Root || Lookups > 0;

    public void Remember() => Interlocked.Increment(ref _lookups);

    /// <summary>Takes lookups back; never below 0, whatever the kernel says. Returns how many are left.</summary>
    public long Forget(ulong count)
    {
        long before = Interlocked.Read(ref _lookups);
        while (true)
        {
            long after = count >= (ulong)before ? 0 : before - (long)count;
            long seen = Interlocked.CompareExchange(ref _lookups, after, before);
            if (seen == before) return after;
            before = seen;
        }
    }

    public void WriteBegins() => Interlocked.Increment(ref _waitingWrites);

    public void WriteEnds() => Interlocked.Decrement(ref _waitingWrites);
}
