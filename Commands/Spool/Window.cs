namespace TriggerFs.Commands.Spool;

/// <summary>How far a message of the window is.</summary>
enum EntryState : byte
{
    /// <summary>It is to be sent.</summary>
    Waiting,

    /// <summary>It was sent, and nobody has taken it over yet.</summary>
    Sent,

    /// <summary>Somebody else answers for it, or it was given up.</summary>
    Done,
}

/// <summary>A message whose place is known.</summary>
struct Entry
{
    public ulong Sequence;
    public ulong Trigger;
    public Segment Segment;
    public long At;
    public int Size;
    public EntryState State;
}

/// <summary>
/// The oldest messages that are not done, in the order of their sequences, in a ring. Allocates nothing once it has
/// grown to what is usual.
/// </summary>
sealed class Window(int max)
{
    private Entry[] _ring = new Entry[64];
    private int _first;

    /// <summary>How many messages from the oldest on were sent or are done; the next to send is not before.</summary>
    private int _next;

    public int Count { get; private set; }

    public bool IsFull => Count >= max;

    public ref Entry this[int index] => ref _ring[(_first + index) & (_ring.Length - 1)];

    public void Add(in Entry entry)
    {
        if (Count == _ring.Length) Grow();
        Count++;
        this[Count - 1] = entry;
    }

    /// <summary>Moves to the next message to send, which is at the index; false when there is none.</summary>
    public bool TryNext(out int index)
    {
        while (_next < Count && this[_next].State != EntryState.Waiting) _next++;
        index = _next;
        return _next < Count;
    }

    /// <summary>What was sent and is not done is to be sent again, in its order.</summary>
    public void SendAgain()
    {
        for (int i = 0; i < Count; i++)
            if (this[i].State == EntryState.Sent) this[i].State = EntryState.Waiting;
        _next = 0;
    }

    /// <summary>The index of a sequence, or -1.</summary>
    public int Find(ulong sequence)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ulong here = this[middle].Sequence;
            if (here == sequence) return middle;
            if (here < sequence) low = middle + 1;
            else high = middle - 1;
        }
        return -1;
    }

    /// <summary>The first message of a trigger that is to be sent, from an index on: its index, or -1.</summary>
    public int FindWaiting(ulong trigger, int from)
    {
        for (int i = from; i < Count; i++)
            if (this[i].Trigger == trigger && this[i].State == EntryState.Waiting) return i;
        return -1;
    }

    /// <summary>Takes the oldest one out when it is done.</summary>
    public bool TryDropDone()
    {
        if (Count == 0 || this[0].State != EntryState.Done) return false;
        this[0] = default;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        if (_next > 0) _next--;
        return true;
    }

    private void Grow()
    {
        var larger = new Entry[_ring.Length * 2];
        for (int i = 0; i < Count; i++) larger[i] = this[i];
        _ring = larger;
        _first = 0;
    }
}
