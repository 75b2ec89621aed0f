using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>It takes all processors for a while: tests that watch the clock run before it.</summary>
[CollectionDefinition(nameof(SimulationTests), DisableParallelization = true)]
public sealed class AloneOnTheMachine;

[Collection(nameof(SimulationTests))]
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int SeedsDefault = 3_000;

    /// <summary>TRIGGERFS_SEED=n runs that one, TRIGGERFS_SEEDS=n so many, from TRIGGERFS_SEED_FIRST on.</summary>
    [Fact]
    public void What_is_promised_holds_through_losses_restarts_delays_and_duplicates()
    {
        if (Number("TRIGGERFS_SEED") is { } one)
        {
            new Sim(one) { Trace = output.WriteLine }.Run();
            return;
        }
        int seeds = Number("TRIGGERFS_SEEDS") ?? SeedsDefault, first = Number("TRIGGERFS_SEED_FIRST") ?? 0;
        long began = Stopwatch.GetTimestamp();
        long answered = 0;
        var kinds = new SortedDictionary<string, long>();
        string? failure = null;
        // Left to itself the pool adds threads for as long as seeds take their time: a thousand in an hour.
        var asManyAsProcessors = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(first, first + seeds, asManyAsProcessors, (seed, loop) =>
        {
            var sim = new Sim(seed);
            try
            {
                sim.Run();
            }
            catch (Exception broken)
            {
                failure = $"seed {seed}: {broken.Message} (run it again: TRIGGERFS_SEED={seed})\n{broken}";
                loop.Stop();
            }
            lock (kinds)
            {
                answered += sim.Ledger.Answered;
                foreach ((string kind,
                    int count) in sim.Ledger.Kinds) kinds[kind] = kinds.GetValueOrDefault(kind) + count;
            }
        });
        Assert.True(failure is null, failure);
        output.WriteLine(string.Join(", ", kinds.Select(kind => $"{kind.Key} {kind.Value}")));
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        output.WriteLine($"{seeds} seeds from {first} on, {answered} requests with ends, {seconds:0.0} s");
    }

    /// <summary>The simulation itself is tested: a bug that was planted is found.</summary>
    [Fact]
    public void A_disk_that_lies_is_found_out()
    {
        string? found = null;
        for (int seed = 0; seed < 300 && found is null; seed++)
        {
            try
            {
                new Sim(seed) { DiskLies = true }.Run();
            }
            catch (BrokenPromiseException broken)
            {
                found = $"seed {seed}: {broken.Message}";
            }
        }
        output.WriteLine(found ?? "");
        Assert.NotNull(found);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number : null;
}
