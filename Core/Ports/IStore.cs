using TriggerFs.Core.Model;

namespace TriggerFs.Core.Ports;

/// <summary>
/// The broker's durable state. One thread of its own writes, many commits at a time (group commit); what was reported
/// as stored survives a kill -9, and a power cut unless the store was told that the queue may lose something there.
/// </summary>
interface IStore : IDisposable
{
    /// <summary>Reads everything; refuses a damaged file with what to do about it.</summary>
    StoredState Load();

    /// <summary>
    /// Stores changes together or not at all, and then calls back (on the store's thread) with null or why not.
    /// </summary>
    void Commit(IReadOnlyList<Change> changes, Action<TriggerException?> done);

    /// <summary>
    /// As <see cref="Commit"/>, for what the queue writes down: it waits for the disk only when the store was told so.
    /// </summary>
    void Keep(IReadOnlyList<Change> changes, Action<TriggerException?> done);

    /// <summary>Stores counters, soon, together with others; nobody waits for them.</summary>
    void Count(IReadOnlyList<TriggerHits> hits);
}
