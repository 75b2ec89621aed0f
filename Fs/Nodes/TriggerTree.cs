using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Fs.Nodes;

/// <summary>
/// The team's tree in memory, from the broker's snapshots and changes: everything that only looks is answered from
/// here, broker or no broker. One short lock; readers on any thread.
/// </summary>
sealed class TriggerTree
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, TreeEntry> _byId = [];
    private readonly List<Waiter> _waiters = [];
    private HashSet<ulong>? _snapshot;
    private ITreeWatcher? _watcher;

    /// <param name="startedUnixMs">The root's times until the broker says something.</param>
    public TriggerTree(long startedUnixMs = 0)
    {
        var node = new TreeNode(
            NodeId.Root, NodeId.Root, true, 0b111_101_101, "", "", 0, 0, startedUnixMs, startedUnixMs, "", "", 0,
            MessageMode.Write, false);
        Root = new(node, parent: null);
        _byId.Add(NodeId.Root.Value, Root);
    }

    public TreeEntry Root { get; }

    /// <summary>Entries that are in the tree or that the kernel still knows, the root included.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _byId.Count;
        }
    }

    /// <summary>Whether a whole snapshot has come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Sets who hears of changes; one watcher, before the first request.</summary>
    public void Watch(ITreeWatcher watcher) => _watcher = watcher;

    /// <summary>
    /// The entry of a node number, gone or not; null for one that was never given out or is forgotten.
    /// </summary>
    public TreeEntry? Find(ulong id)
    {
        lock (_gate) return _byId.GetValueOrDefault(id);
    }

    /// <summary>The child of that name; with <paramref name="remember"/> the kernel is given it.</summary>
    public TreeEntry? Lookup(TreeEntry directory, ReadOnlySpan<byte> name, bool remember)
    {
        lock (_gate)
        {
            if (directory.Children is not { } children || directory.IsGone) return null;
            if (!children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out TreeEntry? entry)) return null;
            if (remember) entry.Remember();
            return entry;
        }
    }

    /// <summary>The children in the order of their names, as an array that does not change any more.</summary>
    public TreeEntry[] List(TreeEntry directory)
    {
        lock (_gate)
        {
            if (directory.Children is not { } children) return [];
            if (directory.Sorted is { } sorted) return sorted;
            TreeEntry[] entries = [.. children.Values];
            Array.Sort(entries, static (x, y) => x.NameUtf8.AsSpan().SequenceCompareTo(y.NameUtf8));
            directory.Sorted = entries;
            return entries;
        }
    }

    /// <summary>Whether a directory is the other one or lies below it.</summary>
    public bool IsWithin(TreeEntry directory, TreeEntry ancestor)
    {
        lock (_gate)
        {
            for (TreeEntry at = directory; ; at = at.Parent)
            {
                if (at == ancestor) return true;
                if (at.Parent == at) return false;
            }
        }
    }

    /// <summary>
    /// Writes an entry's path as UTF-8, such as <c>/newtrigger/demotrigger</c>; returns its length, or 0 when there is
    /// no such entry or no room.
    /// </summary>
    public int WritePath(NodeId id, Span<byte> path)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id.Value, out TreeEntry? entry)) return 0;
            int length = 0;
            for (TreeEntry at = entry; at != Root; at = at.Parent) length += at.NameUtf8.Length + 1;
            if (length > path.Length) return 0;
            int end = length;
            for (TreeEntry at = entry; at != Root; at = at.Parent)
            {
                end -= at.NameUtf8.Length;
                at.NameUtf8.CopyTo(path[end..]);
                path[--end] = (byte)'/';
            }
            return length;
        }
    }

    public bool IsEmpty(TreeEntry directory)
    {
        lock (_gate) return directory.Children is not { Count: > 0 };
    }

    /// <summary>The kernel takes lookups of a node back; one that is gone is dropped with the last of them.</summary>
    public void Forget(ulong id, ulong count)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out TreeEntry? entry)) return;
            if (entry.Forget(count) == 0 && entry.IsGone) _byId.Remove(id);
        }
    }

    /// <summary>The kernel is given an entry that it found by listing.</summary>
    public bool TryRemember(TreeEntry entry)
    {
        lock (_gate)
        {
            if (entry.IsGone) return false;
            entry.Remember();
            return true;
        }
    }

    /// <summary>Takes a message of the broker: nodes that are gone, new or changed, or a part of a snapshot.</summary>
    public void Apply(Tree change)
    {
        List<Waiter>? settled = null;
        lock (_gate)
        {
            if (change.First) _snapshot = [NodeId.Root.Value];
            foreach (NodeId id in change.Gone)
                if (_byId.TryGetValue(id.Value, out TreeEntry? entry)) Remove(entry);
            foreach (TreeNode node in change.Nodes)
            {
                Put(node);
                _snapshot?.Add(node.Id.Value);
            }
            if (change.Complete && _snapshot is { } seen)
            {
                foreach (TreeEntry entry in _byId.Values.Where(entry => !seen.Contains(entry.Id.Value)).ToArray())
                    Remove(entry);
                _snapshot = null;
                IsComplete = true;
            }
            settled = TakeSettled();
        }
        settled?.ForEach(static waiter => waiter.Then());
    }

    /// <summary>
    /// Calls back once the tree is as wanted: at once on this thread when it is so already, else on the thread that
    /// brings the change. True when it called at once.
    /// </summary>
    public bool When(Func<bool> condition, Action then)
    {
        lock (_gate)
        {
            if (!condition())
            {
                _waiters.Add(new(condition, then));
                return false;
            }
        }
        then();
        return true;
    }

    /// <summary>Does not wait any longer. False when the callback was made or is being made.</summary>
    public bool StopWaiting(Action then)
    {
        lock (_gate) return _waiters.RemoveAll(waiter => waiter.Then == then) > 0;
    }

    private List<Waiter>? TakeSettled()
    {
        List<Waiter>? settled = null;
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (!_waiters[i].Condition()) continue;
            (settled ??= []).Add(_waiters[i]);
            _waiters.RemoveAt(i);
        }
        return settled;
    }

    private void Put(TreeNode node)
    {
        if (!_byId.TryGetValue(node.Id.Value, out TreeEntry? entry) || entry.IsGone) Add(node);
        else if (entry.IsDirectory == node.IsDirectory) Update(entry, node);
    }

    private void Add(TreeNode node)
    {
        // A node whose directory is not known cannot be shown; a snapshot brings parents first.
        if (_byId.GetValueOrDefault(node.Parent.Value) is not { Children: not null, IsGone: false } parent) return;
        var entry = new TreeEntry(node, parent);
        _byId[node.Id.Value] = entry;
        Attach(entry, parent);
    }

    private void Update(TreeEntry entry, TreeNode node)
    {
        TreeNode before = entry.Node;
        entry.Node = node;
        if (entry == Root)
        {
            _watcher?.AttributesChanged(entry.Id);
            return;
        }
        if (before.Name != node.Name || before.Parent != node.Parent) Move(entry, node);
        if (before != node && entry.KernelKnows) _watcher?.AttributesChanged(entry.Id);
    }

    private void Move(TreeEntry entry, TreeNode node)
    {
        bool isPossible = _byId.TryGetValue(node.Parent.Value, out TreeEntry? parent) && parent.Children is not null
            && !parent.IsGone && !IsWithin(parent, entry);
        if (!isPossible) return;
        Detach(entry);
        entry.NameUtf8 = System.Text.Encoding.UTF8.GetBytes(node.Name);
        entry.Parent = parent!;
        Attach(entry, parent!);
    }

    private void Attach(TreeEntry entry, TreeEntry parent)
    {
        if (parent.Children!.TryGetValue(entry.NameUtf8, out TreeEntry? other)) Uncount(other, parent);
        parent.Children[entry.NameUtf8] = entry;
        if (entry.IsDirectory) parent.Subdirectories++;
        Touch(parent);
        if (parent.KernelKnows) _watcher?.NameChanged(parent.Id, entry.NameUtf8);
    }

    /// <summary>
    /// Takes an entry out of its directory, unless another has its name already (two that swap names).
    /// </summary>
    private void Detach(TreeEntry entry)
    {
        TreeEntry parent = entry.Parent;
        if (!parent.Children!.TryGetValue(entry.NameUtf8, out TreeEntry? named) || named != entry) return;
        parent.Children.Remove(entry.NameUtf8);
        Uncount(entry, parent);
        Touch(parent);
        if (parent.KernelKnows) _watcher?.NameChanged(parent.Id, entry.NameUtf8);
    }

    private static void Uncount(TreeEntry entry, TreeEntry parent)
    {
        if (entry.IsDirectory) parent.Subdirectories--;
    }

    private void Touch(TreeEntry directory)
    {
        directory.Sorted = null;
        if (directory.KernelKnows) _watcher?.AttributesChanged(directory.Id);
    }

    private void Remove(TreeEntry entry)
    {
        if (entry == Root || entry.IsGone) return;
        foreach (TreeEntry child in entry.Children?.Values.ToArray() ?? []) Remove(child);
        TreeEntry parent = entry.Parent;
        entry.IsGone = true;
        if (parent.Children!.TryGetValue(entry.NameUtf8, out TreeEntry? named) && named == entry)
        {
            parent.Children.Remove(entry.NameUtf8);
            Uncount(entry, parent);
            Touch(parent);
        }
        if (entry.Lookups == 0) _byId.Remove(entry.Id.Value);
        if (parent.KernelKnows) _watcher?.Removed(parent.Id, entry.NameUtf8, entry);
    }

    /// <summary>Somebody who waits for the tree to become as it should.</summary>
    private readonly record struct Waiter(Func<bool> Condition, Action Then);
}
