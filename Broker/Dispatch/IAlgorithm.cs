using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// Who gets a request, as numbers over the service's seats (its workers, in the order in which they were attached):
/// waves run in turn, the workers of one wave together. With spares, another worker may take the place of one that has
/// no job free or that is lost before it started.
/// </summary>
/// <param name="First">The seat of the first worker; -1 for whoever has a job free first (with spares only).</param>
/// <param name="Workers">Workers that the request reaches.</param>
/// <param name="WaveSize">Workers in each wave; in the last one what is left.</param>
/// <param name="Spares">Whether any other worker of the service will do as well.</param>
readonly record struct Plan(int First, int Workers, int WaveSize, bool Spares)
{
    /// <summary>Workers in a first wave of its own, before the others; 0 for none.</summary>
    public int Canary { get; init; }

    /// <summary>The place of the wave's first worker among all, and how many it has; none after all.</summary>
    public (int First, int Count) Wave(int number)
    {
        if (Canary > 0 && number == 0) return (0, Canary);
        int first = Canary + ((number - (Canary > 0 ? 1 : 0)) * WaveSize);
        return (first, Math.Clamp(Workers - first, 0, WaveSize));
    }
}

/// <summary>A strategy answers with a plan and does nothing. It may remember whose turn it was.</summary>
interface IAlgorithm
{
    /// <summary>The plan of the next request, each run of which asks for this.</summary>
    Plan Next(ReadOnlySpan<Seat> seats, Demand demand);
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
