namespace TriggerFs.Commands.Memory;

/// <summary>
/// Decides when a process gives memory back: at the beginning of each quiet time, and not again before it worked.
/// </summary>
sealed class QuietTimes
{
    /// <summary>How often it is to be asked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Heartbeats of a thousand sessions take less than a hundredth; a single request a second is work.
    private const double QuietShare = 0.01;

    private TimeSpan _spent;
    private bool _isGivenBack;

    /// <summary>Whether to give back now.</summary>
    /// <param name="spent">The processor time of the process since its start.</param>
    public bool IsTime(TimeSpan spent)
    {
        bool isQuiet = spent - _spent < Interval * QuietShare;
        _spent = spent;
        bool isTime = isQuiet && !_isGivenBack;
        _isGivenBack = isQuiet;
        return isTime;
    }
}
