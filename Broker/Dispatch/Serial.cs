namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Every worker, each after the one before it has finished, in the order in which they were attached.
/// </summary>
sealed class Serial : IAlgorithm
{
    public Plan Next(ReadOnlySpan<Seat> seats, Demand demand) =>
        new(First: 0, seats.Length, WaveSize: 1, Spares: false);
}
