namespace TriggerFs.Broker.Dispatch;

/// <summary>Every worker at once.</summary>
sealed class Mirror : IAlgorithm
{
    public Plan Next(ReadOnlySpan<Seat> seats, int bytes) =>
        new(First: 0, WaveSize: seats.Length, Waves: 1, Spares: false);
}
