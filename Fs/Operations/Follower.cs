using TriggerFs.Core;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// A handle that reads a trigger: first its last answer, then the end of the file, and behind that what comes
/// meanwhile, as <c>tail -f</c> wants it. Guarded by the lock of its <see cref="Followers"/>.
/// </summary>
sealed class Follower(TreeEntry entry)
{
    public TreeEntry Entry => entry;

    /// <summary>Output that came after the reading began, and was not read.</summary>
    public AnswerBuffer Waiting { get; } = new(Followers.WaitingMax, keepsEnd: true);

    /// <summary>
    /// The end was seen: from here on what waits is read. One reading that ends there sees one answer.
    /// </summary>
    public bool HasSeenEnd { get; set; }

    /// <summary>Bytes that were read, or can be: as far as tail has come when it has read all.</summary>
    public long Served { get; set; }
}

/// <summary>The handles that read triggers, and the output that they have yet to read. From any thread.</summary>
sealed class Followers
{
    /// <summary>Bytes that may wait for one handle, above which the oldest go: it looks once a second.</summary>
    public const int WaitingMax = 256 * 1024;

    /// <summary>Bytes that may wait for all of them: most of those that have a file open never look again.</summary>
    public const long TotalMax = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, List<Follower>> _byTrigger = [];
    private volatile int _count;
    private long _total;

    public int Count => _count;

    /// <summary>Bytes that wait for all handles together.</summary>
    public long Total
    {
        get
        {
            lock (_gate) return _total;
        }
    }

    /// <summary>Someone begins to read; <paramref name="last"/> is the size of the answer that comes first.</summary>
    public Follower Begin(TreeEntry entry, Follower? before, int last)
    {
        lock (_gate)
        {
            Follower follower = before ?? Add(entry);
            Empty(follower);
            follower.HasSeenEnd = false;
            follower.Served = last;
            return follower;
        }
    }

    public void End(Follower follower)
    {
        lock (_gate)
        {
            Empty(follower);
            List<Follower> all = _byTrigger[follower.Entry.Id];
            all.Remove(follower);
            if (all.Count == 0) _byTrigger.Remove(follower.Entry.Id);
            _count--;
        }
    }

    /// <summary>Output of a trigger came.</summary>
    public void Append(NodeId trigger, ReadOnlySpan<byte> bytes)
    {
        if (_count == 0) return;
        lock (_gate)
        {
            if (!_byTrigger.TryGetValue(trigger, out List<Follower>? all)) return;
            foreach (Follower follower in all) Append(follower, bytes);
        }
    }

    /// <summary>
    /// Behind the last answer: nothing the first time, which is the end of the file, then what waits.
    /// </summary>
    /// <returns>Bytes that were put into <paramref name="into"/>.</returns>
    public int Read(Follower follower, Span<byte> into)
    {
        lock (_gate)
        {
            if (!follower.HasSeenEnd)
            {
                follower.HasSeenEnd = true;
                return 0;
            }
            int note = AnswerStore.NoteMissing(follower.Waiting.Missing, into);
            follower.Waiting.Missing = note == 0 ? follower.Waiting.Missing : 0;
            int count = Math.Min(follower.Waiting.Bytes.Length, into.Length - note);
            follower.Waiting.Bytes[..count].CopyTo(into[note..]);
            follower.Waiting.Consume(count);
            _total -= count;
            if (follower.Waiting.Bytes.IsEmpty) Empty(follower);
            follower.Served += note + count;
            return note + count;
        }
    }

    /// <summary>
    /// What stat(2) shows as the size of a trigger that is followed: as much as can be read by who has come furthest.
    /// GNU tail looks at it and reads no further. False when nobody follows.
    /// </summary>
    public bool TryGetSize(NodeId trigger, out long size)
    {
        size = 0;
        if (_count == 0) return false;
        lock (_gate)
        {
            if (!_byTrigger.TryGetValue(trigger, out List<Follower>? all)) return false;
            bool isFollowed = false;
            foreach (Follower follower in all)
            {
                if (!follower.HasSeenEnd) continue;
                isFollowed = true;
                int note = follower.Waiting.Missing > 0 ? AnswerStore.NoteMax : 0;
                size = Math.Max(size, follower.Served + note + follower.Waiting.Bytes.Length);
            }
            return isFollowed;
        }
    }

    private Follower Add(TreeEntry entry)
    {
        var follower = new Follower(entry);
        if (!_byTrigger.TryGetValue(entry.Id, out List<Follower>? all)) _byTrigger[entry.Id] = all = [];
        all.Add(follower);
        _count++;
        return follower;
    }

    private void Append(Follower follower, ReadOnlySpan<byte> bytes)
    {
        if (_total + bytes.Length > TotalMax)
        {
            long missing = follower.Waiting.Missing + follower.Waiting.Bytes.Length + bytes.Length;
            Empty(follower);
            follower.Waiting.Missing = missing;
            return;
        }
        int before = follower.Waiting.Bytes.Length;
        follower.Waiting.Append(bytes);
        _total += follower.Waiting.Bytes.Length - before;
    }

    private void Empty(Follower follower)
    {
        _total -= follower.Waiting.Bytes.Length;
        follower.Waiting.Clear();
    }
}
