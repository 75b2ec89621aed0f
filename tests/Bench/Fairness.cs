using System.Globalization;
using TriggerFs.Bench.Peers;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench;

/// <summary>
/// (j) What one who asks one request at a time feels of somebody of its team who floods the same worker, or another
/// one. The limit is a flood at another broker of this machine: only the processors are shared with that.
/// </summary>
static class Fairness
{
    private const string OtherWorker = "worker2";

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
        Print("on processors that it leaves to others (SCHED_IDLE), as if it came from another machine");
        foreach ((int clients, Cell cell) in Floods) await RunAsync(plan, site, other, clients, cell, isIdle: true);
        Print("on the same processors");
        foreach ((int clients, Cell cell) in Floods) await RunAsync(plan, site, other, clients, cell, isIdle: false);
    }

    private static async Task RunAsync(Plan plan, Site site, Site other, int clients, Cell cell, bool isIdle)
    {
        var alone = new List<Result>();
        (Site Site, string Worker)[] ways =
            [(other, Site.WorkerName), (site, OtherWorker), (site, Site.WorkerName)];
        List<Result>[] beside = [.. ways.Select(_ => new List<Result>())];
        for (int round = 0; round < plan.Rounds; round++)
        {
            alone.Add(await AskAsync(plan, site));
            for (int way = 0; way < ways.Length; way++)
            {
                await using Child flood = Flood(ways[way].Site, ways[way].Worker, clients, cell, isIdle);
                await flood.LineAsync("^READY");
                beside[way].Add(await AskAsync(plan, site));
            }
        }
        Print(clients, cell, Result.Median(alone), [.. beside.Select(Result.Median)]);
    }

    private static async Task<Result> AskAsync(Plan plan, Site site)
    {
        (Result[] results, string? failure) = await OwnProcess.AskAsync(
            ["ask-triggerfs", site.Address, site.Key, Site.WorkerName, "1"], plan, [new(16, 1)]);
        return failure is null ? results[0] : throw new InvalidOperationException(failure);
    }

    private static Child Flood(Site site, string worker, int clients, Cell cell, bool isIdle)
    {
        string[] role =
        [
            Environment.ProcessPath!, "role", "flood-triggerfs", site.Address, site.Key, worker, $"{clients}",
            $"{cell}",
        ];
        return new(isIdle ? Installed.Begin("chrt", ["--idle", "0", .. role]) : Installed.Begin(role[0], role[1..]));
    }

    private static void Print(string where)
    {
        Console.WriteLine($"\n## (j) One request at a time beside a flood {where}\n");
        Console.WriteLine("| flood: clients × payload × under way | p50 µs alone | at another broker | another worker"
            + " | the same worker | times another broker |");
        Console.WriteLine("|---|---|---|---|---|---|");
    }

    private static void Print(int clients, Cell cell, Result alone, Result[] beside) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {clients} × {cell.Size} B × {cell.Outstanding} | {alone.P50:F0} | {beside[0].P50:F0} "
            + $"| {beside[1].P50:F0} | {beside[2].P50:F0} | {beside[2].P50 / beside[0].P50:F1} |"));
}
