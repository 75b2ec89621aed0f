namespace TriggerFs.Commands.Mount;

/// <summary>How often something happened in a second, over the last ten. Used under its owner's lock.</summary>
sealed class RecentRate(Func<long> nowMs)
{
    private const int Seconds = 10;

    private readonly long[] _counts = new long[Seconds];
    private long _second = nowMs() / 1000;

    public double PerSecond
    {
        get
        {
            Turn();
            return (double)_counts.Sum() / Seconds;
        }
    }

    public void Add()
    {
        Turn();
        _counts[_second % Seconds]++;
    }

    private void Turn()
    {
        long now = nowMs() / 1000;
        for (long second = Math.Max(_second + 1, now - Seconds + 1); second <= now; second++)
            _counts[second % Seconds] = 0;
        _second = Math.Max(_second, now);
    }
}
