namespace TriggerFs.Broker.Dispatch;

/// <summary>Every worker at once.</summary>
sealed class Mirror : IAlgorithm
{
    public Plan Next(ReadOnlySpan<Seat> seats, Demand demand) =>
        new(First: 0, seats.Length, WaveSize: seats.Length, Spares: false);
}
