using System.Diagnostics.CodeAnalysis;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// The messages of one trigger, until they have their answers, and which of them wait, whichever way: for a worker, for
/// their time, for room.
/// </summary>
sealed class QueuedTrigger(NodeId id)
{
    private readonly List<QueueEntry> _waiting = []; // In no order; each knows its place.
    private readonly HashSet<QueueEntry> _equal = new(SamePayload.Instance);
    private readonly PlacedHeap<QueueEntry> _parked = new(static (a, b) => a.Message.Id.CompareTo(b.Message.Id));
    private QueueEntry? _newest;

    public NodeId Id => id;

    /// <summary>Where its messages wait, and how they are delivered, as they were listed last.</summary>
    public (ServiceId Service, Delivery Delivery) Place { get; set; }

    /// <summary>Messages of the trigger that wait or run.</summary>
    public int Entries { get; private set; }

    /// <summary>What they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The one of them that came first; null when there is none.</summary>
    public QueueEntry? Oldest { get; private set; }

    /// <summary>Those that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>Those that wait until fewer of the trigger are under way.</summary>
    public int Parked => _parked.Count;

    /// <summary>The oldest first.</summary>
    public IEnumerable<QueueEntry> Waiting => _waiting.OrderBy(entry => entry.Message.Id);

    /// <summary>One is on the disk, and has its answer to come.</summary>
    public void Enlist(QueueEntry entry)
    {
        entry.Trigger = this;
        entry.Older = _newest;
        if (_newest is null) Oldest = entry;
        else _newest.Newer = entry;
        _newest = entry;
        Entries++;
        Bytes += entry.Bytes;
    }

    /// <summary>One has its answer, or was given up.</summary>
    public void Strike(QueueEntry entry)
    {
        if (entry.Older is null) Oldest = entry.Newer;
        else entry.Older.Newer = entry.Newer;
        if (entry.Newer is null) _newest = entry.Older;
        else entry.Newer.Older = entry.Older;
        entry.Older = entry.Newer = null;
        Entries--;
        Bytes -= entry.Bytes;
    }

    /// <param name="entry">It waits from now on.</param>
    /// <param name="isUnique">Those that are equal to it are looked for from now on.</param>
    public void Add(QueueEntry entry, bool isUnique)
    {
        if (entry.PlaceInTrigger < 0)
        {
            entry.PlaceInTrigger = _waiting.Count;
            _waiting.Add(entry);
        }
        if (isUnique) _equal.Add(entry);
    }

    /// <summary>It does not wait any more.</summary>
    public void Remove(QueueEntry entry)
    {
        if (entry.PlaceInTrigger is >= 0 and var place)
        {
            (_waiting[place] = _waiting[^1]).PlaceInTrigger = place;
            _waiting.RemoveAt(_waiting.Count - 1);
            entry.PlaceInTrigger = -1;
        }
        if (_equal.TryGetValue(entry, out QueueEntry? same) && same == entry) _equal.Remove(entry);
        if (entry.IsParked) Unpark(entry);
    }

    /// <summary>Finds one that waits and is equal.</summary>
    public bool TryFindEqual(QueueEntry entry, [NotNullWhen(true)] out QueueEntry? equal) =>
        _equal.TryGetValue(entry, out equal);

    public void Park(QueueEntry entry)
    {
        entry.IsParked = true;
        _parked.Add(entry);
    }

    /// <summary>The oldest one that is parked, which is not any more.</summary>
    public QueueEntry? Unpark()
    {
        if (_parked.First is not { } entry) return null;
        Unpark(entry);
        return entry;
    }

    private void Unpark(QueueEntry entry)
    {
        entry.IsParked = false;
        _parked.Remove(entry);
    }

    private sealed class SamePayload : IEqualityComparer<QueueEntry>
    {
        public static readonly SamePayload Instance = new();

        public bool Equals(QueueEntry? a, QueueEntry? b) =>
            a!.Message.Payload.AsSpan().SequenceEqual(b!.Message.Payload);

        public int GetHashCode(QueueEntry entry)
        {
            var hash = new HashCode();
            hash.AddBytes(entry.Message.Payload);
            return hash.ToHashCode();
        }
    }
}
