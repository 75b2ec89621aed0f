using System.Diagnostics;
using TriggerFs.Core;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// How long what is to be written waits for more, while the loop has others to hear: a call of the kernel costs as
/// much as ten small messages. Whoever has little under way gets it at once; whoever has much does not feel it.
/// </summary>
struct Pace
{
    /// <summary>In ticks: half a millisecond.</summary>
    private static readonly long Longest = Stopwatch.Frequency * 500 / 1_000_000;

    private static readonly long Hurried = Stopwatch.Frequency * Limits.FewUnderWay / 1_000_000;

    private long _written;
    private long _patience;

    /// <summary>Nothing is to be written.</summary>
    public static Pace Start => new() { _patience = Longest };

    /// <summary>Something is to be written for somebody who has few under way.</summary>
    public readonly bool IsHurried => _patience <= Hurried;

    /// <summary>A message is to be written, for somebody who has so many under way: a microsecond for each.</summary>
    public void Add(int underWay) =>
        _patience = Math.Min(_patience, Stopwatch.Frequency * underWay / 1_000_000);

    /// <summary>Whether all of them may wait at this moment.</summary>
    public readonly bool MayWait(long now) => now - _written < _patience;

    /// <summary>They were written at this moment.</summary>
    public void Written(long now) => (_written, _patience) = (now, Longest);
}
