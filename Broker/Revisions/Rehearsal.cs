using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>
/// Applies changes of a configuration to the roster to see what the ones behind them come to, and takes them all back
/// when it is disposed, within the same happening: nobody else sees any of it.
/// </summary>
sealed class Rehearsal(Roster roster) : IDisposable
{
    private readonly Stack<Change[]> _undo = new();
    private readonly List<TriggerHits> _hits = [];
    private readonly List<Change> _changes = [];
    private long _size;

    /// <summary>All that was applied, in order.</summary>
    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>What takes all of it back, in order.</summary>
    public IEnumerable<Change> Undo => _undo.SelectMany(changes => changes);

    /// <summary>What takes it back is more than is kept.</summary>
    public bool IsTooMuch => _size > Limits.RevisionBytesMax;

    public void Apply(IEnumerable<Change> changes)
    {
        foreach (Change change in changes) Apply(change);
    }

    public void Apply(Change change)
    {
        _changes.Add(change);
        // When a directory changed decides nothing, and could not be taken back.
        if (change is Change.TouchDirectory) return;
        Change[] undo = Revisions.Undo.Of(roster, change);
        _size += undo.Sum(Revisions.Undo.SizeOf);
        _undo.Push(undo);
        if (change is Change.DropNode(var id)) _hits.Add(roster.Hits.Of(id));
        roster.Apply([change]);
    }

    public void Dispose()
    {
        foreach (Change[] undo in _undo) roster.Apply(undo);
        foreach (TriggerHits hits in _hits)
            if (hits.Count > 0 && roster.Node(hits.Trigger)?.Trigger is not null) roster.Hits.Restore(hits);
    }
}
