using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Who gets a request, as numbers over the service's seats (its workers, in the order in which they were attached):
/// waves run in turn, the workers of one wave together. With spares, another worker may take the place of one that has
/// no job free or that is lost before it started.
/// </summary>
/// <param name="First">The seat of the first worker; -1 for whoever has a job free first (with spares only).</param>
/// <param name="WaveSize">Workers in each wave.</param>
/// <param name="Waves">Waves, one after the other.</param>
/// <param name="Spares">Whether any other worker of the service will do as well.</param>
readonly record struct Plan(int First, int WaveSize, int Waves, bool Spares)
{
    /// <summary>Workers that the request reaches.</summary>
    public int Workers => WaveSize * Waves;
}

/// <summary>A strategy answers with a plan and does nothing. It may remember whose turn it was.</summary>
interface IAlgorithm
{
    /// <summary>The plan of the next request, whose message has so many bytes.</summary>
    Plan Next(ReadOnlySpan<Seat> seats, int bytes);
}

/// <summary>The algorithms by their names on the wire.</summary>
static class Algorithms
{
    public static IAlgorithm New(Algorithm algorithm) => algorithm switch
    {
        Algorithm.RoundRobin => new RoundRobin(),
        Algorithm.Serial => new Serial(),
        Algorithm.Mirror => new Mirror(),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "no such algorithm"),
    };
}
