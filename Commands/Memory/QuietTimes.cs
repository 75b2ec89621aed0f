namespace TriggerFs.Commands.Memory;

/// <summary>
/// Decides when a process gives memory back: at the beginning of each quiet time, and not again before it worked.
/// </summary>
sealed class QuietTimes
{
    /// <summary>How often it is to be asked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Heartbeats of a thousand sessions take two hundredths of a slow processor, some hundred requests a second more.
    private const double QuietShare = 0.04;

    /// <summary>Little work adds up: after so much of it there is something to give back again.</summary>
    private static readonly TimeSpan LittleWorkMax = TimeSpan.FromSeconds(1);

    private TimeSpan _spent;
    private TimeSpan _spentAtLast;
    private bool _hasWorked = true;

    /// <summary>Whether to give back now.</summary>
    /// <param name="spent">The processor time of the process since its start.</param>
    public bool IsTime(TimeSpan spent)
    {
        bool isQuiet = spent - _spent < Interval * QuietShare;
        _spent = spent;
        _hasWorked |= !isQuiet || spent - _spentAtLast >= LittleWorkMax;
        if (!isQuiet || !_hasWorked) return false;
        _hasWorked = false;
        _spentAtLast = spent;
        return true;
    }
}
