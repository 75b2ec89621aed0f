using System.Runtime.InteropServices;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Who is how far in a line that all stand in together: everybody has one turn in each round, so that whoever stands
/// there a thousand times delays others by one turn, not by a thousand (start-time fair queueing, SIGCOMM 1996, with
/// all costs alike). Does not allocate in steady state.
/// </summary>
sealed class FairRounds<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, (long Last, int Count)> _who = [];

    /// <summary>The round of whoever had a turn last.</summary>
    private long _now;

    /// <summary>One more of them lines up; the round in which it has its turn.</summary>
    public long Join(TKey key)
    {
        ref (long Last, int Count) one = ref CollectionsMarshal.GetValueRefOrAddDefault(_who, key, out _);
        one = (Math.Max(_now, one.Last) + 1, one.Count + 1);
        return one.Last;
    }

    /// <summary>One that has its round already lines up again.</summary>
    public void JoinAgain(TKey key, long round)
    {
        ref (long Last, int Count) one = ref CollectionsMarshal.GetValueRefOrAddDefault(_who, key, out _);
        one = (Math.Max(one.Last, round), one.Count + 1);
    }

    /// <summary>One has its turn, or goes away without it.</summary>
    public void Leave(TKey key)
    {
        ref (long Last, int Count) one = ref CollectionsMarshal.GetValueRefOrNullRef(_who, key);
        if (--one.Count == 0) _who.Remove(key);
    }

    /// <summary>The round of the one that has its turn now.</summary>
    public void Turn(long round) => _now = Math.Max(_now, round);
}
