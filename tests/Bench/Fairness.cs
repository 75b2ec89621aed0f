using System.Globalization;
using TriggerFs.Bench.Peers;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench;

/// <summary>
/// (j) What one who asks one request at a time feels of somebody of its team who floods the same worker, or another
/// one, and what that one loses by it, whose limit is one who asks at another broker of this machine. To be woken on a
/// processor that is busy costs more than on an idle one, whoever keeps it busy: so it is measured once more while a
/// program on each computes.
/// </summary>
static class Fairness
{
    private const string OtherWorker = "worker2";

    private static readonly Cell One = new(16, 1);

    private static readonly (int Clients, Cell Cell)[] Floods =
    [
        (1, new(16, 4)), (1, new(16, 64)), (1, new(16, 1024)), (10, new(16, 1024)), (1, new(1024, 1024)),
        (1, new(65536, 64)),
    ];

    public static async Task RunAsync(Plan plan)
    {
        await using Site site = await Site.StartAsync(plan.Binary);
        await site.StartWorkerAsync(Site.WorkerName, []);
        await site.StartWorkerAsync(OtherWorker, []);
        await using Site other = await Site.StartAsync(plan.Binary);
        await other.StartWorkerAsync(Site.WorkerName, []);
        await using NatsPeer? nats = await NatsAsync(plan);
        string[] asks = Asks(site);
        Way[] ways =
        [
            new(asks, null), new(asks, Asks(site, OtherWorker)), new(asks, asks),
            .. nats is null ? Array.Empty<Way>() : [new(nats.Asks, null), new(nats.Asks, nats.Asks)],
        ];
        await FeelAsync(plan, ways, "", isIdle: true);
        await FeelAsync(plan, ways, ", same processors", isIdle: false);
        await using (await OwnProcess.StartIdleAsync("compute"))
            await FeelAsync(plan, ways, ", busy processors", isIdle: true);
        await LoseAsync(plan, [new(asks, null), new(asks, Asks(other)), new(asks, asks)]);
    }

    /// <summary>Who asks, and who floods meanwhile: arguments of their role, but for how many and how much.</summary>
    private sealed record Way(string[] Asks, string[]? Floods);

    private static string[] Asks(Site site, string worker = Site.WorkerName) =>
        ["ask-triggerfs", site.Address, site.Key, worker];

    private static async Task<NatsPeer?> NatsAsync(Plan plan)
    {
        if (!plan.HasPeer("nats")) return null;
        var nats = new NatsPeer();
        if (await nats.StartAsync() is not { } missing) return nats;
        Console.WriteLine($"\n{nats.Name}: skipped, {missing}");
        await nats.DisposeAsync();
        return null;
    }

    /// <param name="where">What the summary calls it.</param>
    /// <param name="isIdle">
    /// Whether the flood has what processors the others leave (SCHED_IDLE), as if it came from another machine.
    /// </param>
    private static async Task FeelAsync(Plan plan, Way[] ways, string where, bool isIdle)
    {
        Console.WriteLine($"\n## (j) One request at a time beside a flood{where}, p50 µs\n");
        Console.WriteLine("| flood: clients × payload × under way | the same worker, times alone | alone"
            + " | another worker | the same worker | NATS, TLS: alone | the same worker |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach ((int clients, Cell cell) in Floods)
        {
            double[] p50 = await InTurnAsync(
                plan, ways, result => result.P50, way => MeasureAsync(plan, way, (1, One), (clients, cell), isIdle));
            Print(clients, cell, p50, "F0", p50[2] / p50[0]);
            if (p50.Length == 3) continue;
            string what = $"(j) beside {clients} × {cell.Size} B × {cell.Outstanding}{where}";
            Summary.Add(what, "p50 µs", p50[2], "NATS, TLS", p50[^1]);
        }
    }

    /// <summary>The same with the parts changed: the flood is measured, and the other one goes on asking.</summary>
    private static async Task LoseAsync(Plan plan, Way[] ways)
    {
        Console.WriteLine("\n## (j) A flood beside somebody who asks one request at a time, k/s\n");
        Console.WriteLine("| flood: clients × payload × under way | the same worker, times at another broker | alone"
            + " | at another broker | the same worker |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach ((int clients, Cell cell) in Floods)
        {
            double[] rates = await InTurnAsync(
                plan, ways, result => result.PerSecond / 1000,
                way => MeasureAsync(plan, way, (clients, cell), (1, One), isIdle: false));
            Print(clients, cell, rates, "F1", rates[2] / rates[1]);
        }
    }

    private static async Task<double[]> InTurnAsync(
        Plan plan, Way[] ways, Func<Result, double> figure, Func<Way, Task<Result>> measure)
    {
        List<Result>[] results = [.. ways.Select(_ => new List<Result>())];
        for (int round = 0; round < plan.Rounds; round++)
            for (int way = 0; way < ways.Length; way++)
                results[way].Add(await measure(ways[way]));
        return [.. results.Select(rounds => figure(Result.Median(rounds)))];
    }

    private static async Task<Result> MeasureAsync(
        Plan plan, Way way, (int Clients, Cell Cell) asks, (int Clients, Cell Cell) floods, bool isIdle)
    {
        await using Child? flood = way.Floods is null ? null
            : await StartAsync(isIdle, ["flood", .. way.Floods, $"{floods.Clients}", $"{floods.Cell}"]);
        (Result[] results, string? failure) =
            await OwnProcess.AskAsync([.. way.Asks, $"{asks.Clients}"], plan, [asks.Cell]);
        return failure is null ? results[0] : throw new InvalidOperationException(failure);
    }

    private static Task<Child> StartAsync(bool isIdle, string[] role) =>
        isIdle ? OwnProcess.StartIdleAsync(role) : OwnProcess.StartAsync(role);

    private static void Print(int clients, Cell cell, double[] figures, string format, double ratio)
    {
        string shown = string.Join(
            " | ", figures.Select(figure => figure.ToString(format, CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {clients} × {cell.Size} B × {cell.Outstanding} | {ratio:F2} | {shown} |"));
    }
}
