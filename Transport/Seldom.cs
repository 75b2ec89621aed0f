using System.Net;

namespace TriggerFs.Transport;

/// <summary>
/// Lets something be said of each address once a minute, and of a thousand at the most, so that nobody outside fills a
/// log.
/// </summary>
sealed class Seldom
{
    private const int AddressesMax = 1000;
    private const long PeriodMs = 60_000;

    private readonly HashSet<IPAddress> _said = [];
    private long _beganMs = -PeriodMs;

    /// <summary>Whether it may be said now of this address.</summary>
    /// <param name="nowMs">Milliseconds of a clock that never goes back.</param>
    public bool May(IPAddress address, long nowMs)
    {
        if (nowMs - _beganMs >= PeriodMs)
        {
            _said.Clear();
            _beganMs = nowMs;
        }
        return _said.Count < AddressesMax && _said.Add(address);
    }
}
