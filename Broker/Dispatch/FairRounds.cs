using System.Runtime.InteropServices;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Who is how far in a line that all stand in together: everybody has one turn in each round, so that whoever stands
/// there a thousand times delays others by one turn, not by a thousand (start-time fair queueing, SIGCOMM 1996, with
/// all costs alike). Whoever comes anew has its turn in the round that is under way, before those who stood there
/// longer (RFC 8290 has new flows so). Does not allocate in steady state.
/// </summary>
/// <remarks>Rounds are even; the odd number before one is the place in it of whoever comes anew.</remarks>
sealed class FairRounds<TKey>
    where TKey : notnull
{
    /// <summary>The round of who is before all others.</summary>
    public const long BeforeAll = 1;

    /// <summary>From one round to the next.</summary>
    private const int Step = 2;

    /// <summary>
    /// A round ends, even when only such come who have not had their turn in it: those who had theirs wait no longer.
    /// </summary>
    private const int ServedMax = 256;

    private readonly Dictionary<TKey, Place> _who = [];

    /// <summary>Those who had their turn in this round and stand in the line no more.</summary>
    private readonly List<TKey> _served = [];

    /// <summary>The round of whoever had a turn last.</summary>
    private long _now = 2 * Step;

    /// <summary>One more of them lines up; the round in which it has its turn.</summary>
    public long Join(TKey key)
    {
        ref Place one = ref CollectionsMarshal.GetValueRefOrAddDefault(_who, key, out bool isKnown);
        long round = Math.Max(_now, one.Next);
        one.Next = round + Step;
        one.Count++;
        return isKnown ? round : round - 1;
    }

    /// <summary>One that has its round already lines up again.</summary>
    public void JoinAgain(TKey key, long round)
    {
        ref Place one = ref CollectionsMarshal.GetValueRefOrAddDefault(_who, key, out _);
        one.Next = Math.Max(one.Next, RoundOf(round) + Step);
        one.Count++;
    }

    /// <summary>One goes away without its turn.</summary>
    public void Leave(TKey key)
    {
        ref Place one = ref CollectionsMarshal.GetValueRefOrNullRef(_who, key);
        if (--one.Count == 0 && !one.IsServed) _who.Remove(key);
    }

    /// <summary>One has its turn, and goes away.</summary>
    public void Take(TKey key, long round)
    {
        if (RoundOf(round) > _now) BeginRound(RoundOf(round));
        ref Place one = ref CollectionsMarshal.GetValueRefOrNullRef(_who, key);
        one.Count--;
        if (one.IsServed) return;
        one.IsServed = true;
        _served.Add(key);
        if (_served.Count == ServedMax) BeginRound(_now + Step);
    }

    private static long RoundOf(long place) => place + (place & 1);

    private void BeginRound(long round)
    {
        _now = round;
        foreach (TKey key in _served)
        {
            ref Place one = ref CollectionsMarshal.GetValueRefOrNullRef(_who, key);
            one.IsServed = false;
            if (one.Count == 0) _who.Remove(key);
        }
        _served.Clear();
    }

    private struct Place
    {
        /// <summary>The round of the next one that lines up, if it is not over by then.</summary>
        public long Next;

        /// <summary>How many stand in the line.</summary>
        public int Count;

        /// <summary>One had its turn in this round.</summary>
        public bool IsServed;
    }
}
