using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Fs.Nodes;

/// <summary>The tree's side that changes, as the broker says.</summary>
sealed partial class TriggerTree
{
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

    private void Put(TreeNode node)
    {
        TreeEntry? known = _byId.GetValueOrDefault(node.Id.Value);
        if (known is { IsGone: false, IsReserved: false } && known.IsDirectory == node.IsDirectory)
        {
            Update(known, node);
            return;
        }
        if (known == Root || node.Id.Value >= FirstReserved) return;
        if (known is not null) Remove(known); // Its number is used again: the broker's tree is one of before.
        // A node whose directory is not known cannot be shown; a snapshot brings parents first.
        if (Home(node) is not { } parent) return;
        var entry = new TreeEntry(node, parent, known);
        _byId[entry.Id.Value] = entry;
        Attach(entry, parent);
    }

    /// <summary>The directory that a node says it is in; null for none that could hold it.</summary>
    private TreeEntry? Home(TreeNode node) => _byId.GetValueOrDefault(node.Parent.Value) is
    { IsDirectory: true, IsGone: false, IsReserved: false } parent ? parent : null;

    private void Update(TreeEntry entry, TreeNode node)
    {
        TreeNode before = entry.Node;
        if (before == node) return; // Most of a snapshot after a reconnect.
        bool isMoved = entry != Root && (before.Name != node.Name || before.Parent != node.Parent);
        if (isMoved && !TryMove(entry, node)) return;
        entry.Node = node;
        if (entry.KernelKnows) _watcher?.AttributesChanged(entry.Id);
    }

    private bool TryMove(TreeEntry entry, TreeNode node)
    {
        if (Home(node) is not { } parent || IsWithin(parent, entry)) return false;
        Detach(entry);
        entry.NameUtf8 = Encoding.UTF8.GetBytes(node.Name);
        entry.Parent = parent;
        Attach(entry, parent);
        return true;
    }

    private void Attach(TreeEntry entry, TreeEntry parent)
    {
        if (parent.Children!.TryGetValue(entry.NameUtf8, out TreeEntry? other)) Uncount(other, parent);
        parent.Children[entry.NameUtf8] = entry;
        if (entry.IsDirectory) parent.Subdirectories++;
        Touch(parent);
        if (parent.KernelKnows) _watcher?.NameChanged(parent.Id, entry.NameUtf8, other is { IsDirectory: true });
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
        if (parent.KernelKnows) _watcher?.NameChanged(parent.Id, entry.NameUtf8, entry.IsDirectory);
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
        if (entry == Root || entry.IsGone || entry.IsReserved) return;
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
}
