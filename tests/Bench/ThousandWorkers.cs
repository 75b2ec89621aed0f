using System.Globalization;
using TriggerFs.Tests.EndToEnd.FanOut;

namespace TriggerFs.Bench;

/// <summary>
/// (h) One request to a thousand workers at once (mirror), by the real client. The workers are real ones, but in one
/// process of this machine, so built-in plugins answer: one machine has no room for a thousand commands at once.
/// </summary>
static class ThousandWorkers
{
    private const int Workers = 1000;

    private static readonly (string Name, string[] Words, int ExitCode)[] Ways =
    [
        ("5 B echoed, `--fold`", ["-plugin", "echo", "-command", "hello", "--fold"], 0),
        ("1,000 lines to each, echoed: 100 MB there and back", ["-plugin", "echo", "-command", Lines], 0),
        ("one of ten fails, `--canary 10`: 990 are spared", [.. Check, "--canary", "10", "--fold"], 79),
        ("a tenth fails, `--max-failures 5%`", [.. Check, "--max-failures", "5%", "--fold"], 79),
        ("a tenth fails, `--fold`", [.. Check, "--fold"], 74),
    ];

    /// <summary>100 kB.</summary>
    private static string Lines => string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 1000));

    private static string[] Check => ["-plugin", ManyWorkers.Check, "-command", "hello"];

    public static async Task RunAsync(Plan plan)
    {
        Console.WriteLine($"\n## (h) {Workers:#,0} workers\n");
        Console.WriteLine("| | |\n|---|---|");
        await using Site site = await Site.StartAsync(plan.Binary);
        await Footprint.SettleAsync();
        Footprint.Row("broker, idle", Footprint.MiB(site.Broker));
        await site.StartManyWorkersAsync(Workers, "mirror");
        await Footprint.SettleAsync();
        Footprint.Row("broker, all workers idle", Footprint.MiB(site.Broker));
        Footprint.Aim($"(h) broker, {Workers:#,0} workers idle", site.Broker, 30);
        List<string> rows = await MeasureAsync(plan, site);
        await Footprint.SettleAsync();
        Footprint.Row("broker, idle again after all of the following", Footprint.MiB(site.Broker));
        Console.WriteLine("\n| a request to all | s | broker, MiB at most | client, MiB at most |\n|---|---|---|---|");
        foreach (string row in rows) Console.WriteLine(row);
    }

    private static async Task<List<string>> MeasureAsync(Plan plan, Site site)
    {
        List<WatchedRun>[] runs = [.. Ways.Select(_ => new List<WatchedRun>())];
        var again = new List<WatchedRun>();
        for (int round = 0; round < plan.Rounds; round++)
        {
            for (int way = 0; way < Ways.Length; way++)
                runs[way].Add(await AskAsync(site, Ways[way].ExitCode, ["-service", Site.Service, .. Ways[way].Words]));
            string told = runs[^1][^1].Errors;
            string run = told[(told.IndexOf("--retry-failed ", StringComparison.Ordinal) + 15)..].Trim();
            again.Add(await AskAsync(site, 74, ["--retry-failed", run, "--fold"]));
        }
        return [.. Ways.Zip(runs, (way, its) => Row(way.Name, its)), Row("that tenth again, `--retry-failed`", again)];
    }

    private static async Task<WatchedRun> AskAsync(Site site, int exitCode, string[] words)
    {
        WatchedRun run = await WatchedRun.RunAsync(site.Begin(["client", .. words]), site.Broker.Id);
        return run.ExitCode == exitCode ? run
            : throw new InvalidOperationException($"{string.Join(' ', words)}: exit {run.ExitCode}, {run.Errors}");
    }

    private static string Row(string name, List<WatchedRun> runs) => string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {runs.Select(run => run.Seconds).Order().ElementAt(runs.Count / 2):F2} "
        + $"| {runs.Max(run => run.OtherMiB):F0} | {runs.Max(run => run.OwnMiB):F0} |");
}
