namespace TriggerFs.Broker.Jobs;

/// <summary>Something that is due at a moment; it is in one wheel at a time, or in none.</summary>
abstract class Due
{
    internal Due? Next;
    internal Due? Previous;
    internal int Slot = -1;

    /// <summary>When, on the steady clock, in ms.</summary>
    public long DueMs { get; internal set; }

    /// <summary>Its moment has come and nobody has set or cleared it since; who acts on it makes it false.</summary>
    public bool IsDue { get; internal set; }
}

/// <summary>
/// Deadlines by the hundred thousand: setting and clearing one is a few pointers, because nearly all are cleared before
/// they are due. A ring of slots of 50 ms, each a list; what is due in a later round stays for it.
/// </summary>
sealed class DeadlineWheel
{
    private const int SlotMs = 50;
    private const int Slots = 512;

    private readonly Due?[] _slots = new Due?[Slots];
    private readonly List<Due> _due = [];
    private long _doneMs;

    public int Count { get; private set; }

    /// <summary>Sets or moves a deadline; a moment that has passed is due at the next turn.</summary>
    public void Set(Due item, long dueMs)
    {
        Clear(item);
        item.DueMs = dueMs;
        long slotAtMs = Math.Max(dueMs, _doneMs);
        int slot = (int)(slotAtMs / SlotMs % Slots);
        item.Slot = slot;
        item.Next = _slots[slot];
        if (item.Next is { } next) next.Previous = item;
        _slots[slot] = item;
        Count++;
    }

    public void Clear(Due item)
    {
        item.IsDue = false;
        if (item.Slot < 0) return;
        if (item.Previous is { } previous) previous.Next = item.Next;
        else _slots[item.Slot] = item.Next;
        if (item.Next is { } next) next.Previous = item.Previous;
        item.Next = item.Previous = null;
        item.Slot = -1;
        Count--;
    }

    /// <summary>
    /// Takes out what is due, in the order of its moments. Acting on one may clear or set a later one, so look at
    /// <see cref="Due.IsDue"/> before each. The list is used again by the next call.
    /// </summary>
    public List<Due> Turn(long nowMs)
    {
        _due.Clear();
        long first = _doneMs / SlotMs;
        long last = Math.Min(nowMs / SlotMs, first + Slots - 1);
        if (_doneMs == 0) (first, last) = (0, Slots - 1);
        for (long slot = first; slot <= last; slot++) Collect((int)(slot % Slots), nowMs);
        _doneMs = Math.Max(nowMs, _doneMs);
        if (_due.Count > 1) _due.Sort(static (a, b) => a.DueMs.CompareTo(b.DueMs));
        return _due;
    }

    private void Collect(int slot, long nowMs)
    {
        for (Due? item = _slots[slot]; item is not null;)
        {
            Due? next = item.Next;
            if (item.DueMs <= nowMs)
            {
                Clear(item);
                item.IsDue = true;
                _due.Add(item);
            }
            item = next;
        }
    }
}
