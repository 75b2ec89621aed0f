using TriggerFs.Core;

namespace TriggerFs.Fs.Nodes;

/// <summary>
/// Who has to know what changed in the tree: the kernel's caches. Called within the tree's lock, so it takes a note and
/// acts on a thread of its own.
/// </summary>
interface ITreeWatcher
{
    /// <summary>A name now means something else than before (or means something for the first time).</summary>
    /// <param name="wasDirectory">What had the name before is a directory.</param>
    void NameChanged(NodeId parent, byte[] name, bool wasDirectory);

    /// <summary>An entry that the kernel may know is gone.</summary>
    void Removed(NodeId parent, byte[] name, TreeEntry entry);

    /// <summary>The attributes of an entry that the kernel knows are new.</summary>
    void AttributesChanged(NodeId node);
}
