using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TriggerFs.Broker.Audit;

/// <summary>What may repeat, and by whom: an address, or a user.</summary>
readonly record struct RepeatKey(string Owner, string What, long Team = 0);

/// <summary>
/// Keeps what repeats from filling the audit: the first of its kind is told at once, those after it are counted and
/// told in one line when ten minutes have passed. Kinds are bounded, too, for each owner, so that one who makes up many
/// does not hide the others, and for all of them together, so that a flood is a trickle in the audit.
/// </summary>
/// <param name="kindsMax">Kinds that are told apart within <see cref="WindowMs"/>.</param>
sealed class Repeats(int kindsMax)
{
    public const long WindowMs = 10 * 60_000;

    /// <summary>Kinds of one owner; those over it share one more.</summary>
    public const int KindsOfOneMax = 32;

    private readonly Dictionary<RepeatKey, Kind> _kinds = [];
    private readonly Dictionary<string, int> _owners = [];
    private readonly List<RepeatKey> _over = [];
    private long _others;
    private long _othersEndMs;

    /// <summary>
    /// Counts one more of a kind that was told already; false when it is to be told, by <see cref="Begin"/>. Does not
    /// allocate.
    /// </summary>
    public bool Count(RepeatKey key, long nowMs)
    {
        if (TryCount(key)) return true;
        if (IsOwnerFull(key)) return TryCount(Rest(key));
        if (_kinds.Count < kindsMax) return false;
        if (_others++ == 0) _othersEndMs = nowMs + WindowMs;
        return true;
    }

    /// <summary>The first of its kind, which the caller tells.</summary>
    public void Begin(RepeatKey key, AuditEntry first, long nowMs)
    {
        if (IsOwnerFull(key)) key = Rest(key);
        _kinds[key] = new(first, 0, nowMs + WindowMs);
        CollectionsMarshal.GetValueRefOrAddDefault(_owners, key.Owner, out _)++;
    }

    /// <summary>Tells what was counted and whose time is over.</summary>
    public void Sweep(long nowMs, Action<AuditEntry> tell)
    {
        _over.Clear();
        foreach ((RepeatKey key, Kind kind) in _kinds)
            if (nowMs >= kind.EndMs) _over.Add(key);
        foreach (RepeatKey key in _over)
        {
            _kinds.Remove(key, out Kind kind);
            if (--CollectionsMarshal.GetValueRefOrNullRef(_owners, key.Owner) == 0) _owners.Remove(key.Owner);
            string what = key.What.Length == 0 ? "others" : kind.First.What;
            if (kind.More > 0) tell(kind.First with { What = what, Times = kind.More, Parent = null });
        }
        if (_others == 0 || nowMs < _othersEndMs) return;
        tell(new() { What = "others, too many to tell them apart", Times = _others });
        _others = 0;
    }

    private bool IsOwnerFull(RepeatKey key) => _owners.GetValueOrDefault(key.Owner) >= KindsOfOneMax;

    private static RepeatKey Rest(RepeatKey key) => new(key.Owner, "");

    private bool TryCount(RepeatKey key)
    {
        ref Kind kind = ref CollectionsMarshal.GetValueRefOrNullRef(_kinds, key);
        if (Unsafe.IsNullRef(ref kind)) return false;
        kind.More++;
        return true;
    }

    private record struct Kind(AuditEntry First, long More, long EndMs);
}
