using System.Globalization;
using TriggerFs.Bench.Peers;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Fuse;

/// <summary>
/// Synchronous writes to a real mount, each of which waits for the answer of a real worker's echo; beside what they are
/// made of: the round trip of a client, and a write to a file system in C that does nothing.
/// </summary>
static class WaitingWrites
{
    private const int Size = 100;

    public static async Task RunAsync(Plan plan)
    {
        string folder = Directory.CreateTempSubdirectory("triggerfs-bench-").FullName;
        try
        {
            if (await FuseTable.MissingAsync(folder) is { } missing)
            {
                Console.WriteLine($"\nwrites that wait: skipped, {missing}");
                return;
            }
            await MeasureAsync(plan, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(Plan plan, string folder)
    {
        var nothing = new FuseServer("libfuse in C, 1 thread", [Path.Combine(folder, "nullfs"), "{}", "-s"]);
        string theirs = Path.Combine(folder, "null"), ours = Path.Combine(folder, "mnt");
        await using Child dropping = await nothing.MountAsync(theirs, isPinned: false);
        await using Site site = await Site.StartAsync(plan.Binary);
        await site.StartWorkerAsync(jobs: 8);
        await site.RunAsync("cli", "-c", "set services name echoing",
            "-c", $"set services echoing workers add {Site.WorkerName}");
        await site.MakeTriggerAsync("echoing");
        await site.RunAsync("cli", "-c", "set trigger /d/t0 mode sync");
        Child mount = await LiveMount.MountAsync(site, ours);
        string[] client = ["ask-triggerfs", site.Address, site.Key, Site.WorkerName, "1"];
        List<Result> writes = [], trips = [], waits = [];
        for (int round = 0; round < plan.Rounds; round++)
        {
            writes.Add(await FuseTable.LoadAsync(plan, theirs, FuseCell.All[0]));
            (Result[] results, string? failure) = await OwnProcess.AskAsync(client, plan, [new(Size, 1)]);
            trips.Add(failure is null ? results[0] : throw new InvalidOperationException(failure));
            waits.Add(await FuseTable.LoadAsync(plan, ours, FuseCell.All[0]));
        }
        FuseTable.Unmount(ours);
        FuseTable.Unmount(theirs);
        await mount.EndAsync();
        await dropping.EndAsync();
        Print(Result.Median(writes), Result.Median(trips), Result.Median(waits));
    }

    private static void Print(Result write, Result trip, Result wait)
    {
        Console.WriteLine($"\n{Size} B a write, one thread, until the answer of the worker's `echo` is there\n");
        Console.WriteLine("| | p50 µs | p99 µs |\n|---|---|---|");
        Row("write to libfuse in C, drops all", write);
        Row("round trip of a client", trip);
        Row("synchronous write to triggerfs mount", wait);
        Summary.Add("(d) synchronous write, 100 B", "p50 µs", wait.P50, "both parts together", write.P50 + trip.P50);
    }

    private static void Row(string name, Result result) => Console.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"| {name} | {result.P50:F0} | {result.P99:F0} |"));
}
