using System.Runtime.InteropServices;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// How often each of many may call: a token bucket for each that holds the calls of one period and is filled again
/// evenly. Kept as the moment at which it will be full (the generic cell rate algorithm, ITU-T
/// I.371), one number for each; a full one is not kept at all. Does not allocate for one who is known.
/// </summary>
sealed class CallRates<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, long> _fullAtUs = [];
    private readonly List<TKey> _full = [];

    /// <summary>Callers whose buckets are not full.</summary>
    public int Count => _fullAtUs.Count;

    /// <summary>
    /// Takes one call from a bucket; 0 when it was there, else the time until the next one is, in ms, and nothing is
    /// taken.
    /// </summary>
    public long Take(TKey key, Rate rate, long nowMs)
    {
        if (_fullAtUs.Count >= Limits.CallersMax && !_fullAtUs.ContainsKey(key)) Sweep(nowMs);
        if (_fullAtUs.Count >= Limits.CallersMax && !_fullAtUs.ContainsKey(key)) return rate.PeriodMs;
        long nowUs = nowMs * 1000, periodUs = rate.PeriodMs * 1000L, callUs = periodUs / rate.Count;
        ref long fullAtUs = ref CollectionsMarshal.GetValueRefOrAddDefault(_fullAtUs, key, out _);
        // Of a service whose rate was lowered, the bucket is empty, and not more than empty.
        fullAtUs = Math.Clamp(fullAtUs, nowUs, nowUs + periodUs);
        long waitUs = fullAtUs + callUs - nowUs - periodUs;
        if (waitUs > 0) return (waitUs + 999) / 1000;
        fullAtUs += callUs;
        return 0;
    }

    /// <summary>Forgets the buckets that are full.</summary>
    public void Sweep(long nowMs)
    {
        _full.Clear();
        foreach ((TKey key, long fullAtUs) in _fullAtUs)
            if (fullAtUs <= nowMs * 1000) _full.Add(key);
        foreach (TKey key in _full) _fullAtUs.Remove(key);
    }
}
