namespace TriggerFs.Transport;

/// <summary>
/// Pauses between attempts: each twice the one before, up to a limit, and a quarter more or less by chance, so that
/// those who lost a broker together do not all come back in the same moment.
/// </summary>
sealed class BackOff(TimeSpan min, TimeSpan max)
{
    private const double Jitter = 0.25;

    private int _doublings;

    public TimeSpan Next()
    {
        TimeSpan pause = min * (1L << _doublings);
        if (pause < max) _doublings++;
        double factor = 1 - Jitter + (2 * Jitter * Random.Shared.NextDouble());
        return pause * factor < max ? pause * factor : max;
    }

    public void Reset() => _doublings = 0;
}
