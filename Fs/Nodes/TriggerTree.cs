using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Fs.Failed;

namespace TriggerFs.Fs.Nodes;

/// <summary>
/// The team's tree in memory, from the broker's snapshots and changes: everything that only looks is answered from
/// here, broker or no broker. One short lock; readers on any thread.
/// </summary>
sealed partial class TriggerTree
{
    /// <summary>The lowest number of an entry of ours; the broker's are positive i64.</summary>
    public const ulong FirstReserved = 1UL << 63;

    private const string ReservedName = ".triggerfs";

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, TreeEntry> _byId = [];
    private readonly List<Waiter> _waiters = [];
    private HashSet<ulong>? _snapshot;
    private int _reservedCount;
    private ITreeWatcher? _watcher;

    /// <param name="startedUnixMs">The root's times until the broker says something.</param>
    public TriggerTree(long startedUnixMs = 0)
    {
        var node = new TreeNode(
            NodeId.Root, NodeId.Root, IsDirectory: true, Mode: 0b111_101_101, Name: "", Owner: "", Hits: 0,
            FiredUnixMs: 0, startedUnixMs, startedUnixMs, Service: "", Plugin: "", TimeoutMs: 0, MessageMode.Write,
            Synchronous: false, Visibility.Local, Retry: 0, Description: "", Usable: true, Limit: 0);
        Root = new(node, parent: null);
        _byId.Add(NodeId.Root.Value, Root);
        Reserved = AddReserved(Root, ReservedName, content: null);
    }

    public TreeEntry Root { get; }

    /// <summary>
    /// The directory <c>.triggerfs</c>, in which the mount tells of itself. It is found by its name in the root and no
    /// listing shows it, so that find, grep -r, du, rsync and updatedb do not go there.
    /// </summary>
    public TreeEntry Reserved { get; }

    /// <summary>
    /// Entries of the team that are in the tree or that the kernel still knows, the root included.
    /// </summary>
    public int Count
    {
        get
        {
            lock (_gate) return _byId.Count - _reservedCount;
        }
    }

    /// <summary>The team's directories, without the root, and its triggers.</summary>
    public (int Directories, int Triggers) CountKinds()
    {
        lock (_gate)
        {
            int directories = 0, triggers = 0;
            foreach (TreeEntry entry in _byId.Values)
            {
                if (entry == Root || entry.IsReserved || entry.IsGone) continue;
                if (entry.IsDirectory) directories++;
                else triggers++;
            }
            return (directories, triggers);
        }
    }

    /// <summary>Whether a whole snapshot has come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Sets who hears of changes; one watcher, before the first request.</summary>
    public void Watch(ITreeWatcher watcher) => _watcher = watcher;

    /// <summary>Something outside the tree changed what stat(2) shows of an entry.</summary>
    public void TellAttributes(TreeEntry entry) => _watcher?.AttributesChanged(entry.Id);

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
            if (directory == Root && name.SequenceEqual(Reserved.NameUtf8)) return Given(Reserved, remember);
            if (directory.Children is not { } children || directory.IsGone) return null;
            if (!children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out TreeEntry? entry)) return null;
            return Given(entry, remember);
        }
    }

    private static TreeEntry Given(TreeEntry entry, bool remember)
    {
        if (remember) entry.Remember();
        return entry;
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

    /// <summary>
    /// Adds a file that can be read to <see cref="Reserved"/>; before the first request.
    /// </summary>
    /// <param name="content">The whole of it, asked for at each opening; quick, and from any thread.</param>
    public void AddReserved(string name, Func<byte[]> content)
    {
        TreeEntry file = AddReserved(Reserved, name, content);
        Reserved.Children!.Add(file.NameUtf8, file);
    }

    /// <summary>
    /// Adds the directory of the messages that were given up to <see cref="Reserved"/>; before the first request. What
    /// is in it is no part of the tree (<see cref="FailedNode"/>).
    /// </summary>
    public void AddFailed()
    {
        TreeEntry folder = AddReserved(Reserved, "failed", content: null, FailedNode.Root.Id, 0b111_000_000);
        Reserved.Children!.Add(folder.NameUtf8, folder);
        Reserved.Subdirectories++;
    }

    private TreeEntry AddReserved(TreeEntry parent, string name, Func<byte[]>? content) => AddReserved(
        parent, name, content, FirstReserved + (ulong)_reservedCount,
        (ushort)(content is null ? 0b101_101_101 : 0b100_100_100));

    private TreeEntry AddReserved(TreeEntry parent, string name, Func<byte[]>? content, ulong number, ushort mode)
    {
        var id = new NodeId(number);
        _reservedCount++;
        TreeNode node = Root.Node with
        {
            Id = id,
            Parent = parent.Id,
            IsDirectory = content is null,
            Mode = mode,
            Name = name,
        };
        var entry = new TreeEntry(node, parent) { Content = content };
        _byId.Add(id.Value, entry);
        return entry;
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

    /// <summary>Somebody who waits for the tree to become as it should.</summary>
    private readonly record struct Waiter(Func<bool> Condition, Action Then);
}
