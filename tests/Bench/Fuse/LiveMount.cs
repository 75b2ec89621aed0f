using System.Globalization;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Fuse;

/// <summary>
/// Asynchronous writes to a real mount, each in the spool when write(2) returns (synced every 100 ms), while a real
/// broker takes what it can; and to a file system in C that does nothing.
/// </summary>
static class LiveMount
{
    public static async Task RunAsync(Plan plan)
    {
        string folder = Directory.CreateTempSubdirectory("triggerfs-bench-").FullName;
        try
        {
            if (await FuseTable.MissingAsync(folder) is { } missing)
            {
                Console.WriteLine($"\nwrites to a real mount: skipped, {missing}");
                return;
            }
            string mountpoint = Directory.CreateDirectory(Path.Combine(folder, "mnt")).FullName;
            var nothing = new FuseServer("libfuse in C, 1 thread", [Path.Combine(folder, "nullfs"), "{}", "-s"]);
            var theirs = new List<Result>();
            var ours = new List<Result>();
            for (int round = 0; round < plan.Rounds; round++)
            {
                await using Child mount = await nothing.MountAsync(mountpoint, isPinned: false);
                theirs.Add(await OfAsync(plan, mountpoint, mount));
                await using Site site = await Site.StartWithLongQueueAsync(plan.Binary);
                await site.MakeWaitingTriggerAsync();
                ours.Add(await OfAsync(plan, mountpoint, await MountAsync(site, mountpoint)));
            }
            Print(Result.Median(theirs), Result.Median(ours));
            Sum(Result.Median(theirs), Result.Median(ours));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Result> OfAsync(Plan plan, string mountpoint, Child mount)
    {
        Result result = await FuseTable.LoadAsync(plan, mountpoint, FuseCell.All[0]);
        FuseTable.Unmount(mountpoint);
        await mount.EndAsync();
        return result;
    }

    public static async Task<Child> MountAsync(Site site, string mountpoint)
    {
        Directory.CreateDirectory(mountpoint);
        Child mount = site.Start("mount", mountpoint);
        await mount.LineAsync("Ready and running");
        return mount;
    }

    private static void Print(Result theirs, Result ours)
    {
        Console.WriteLine("\n100 B a write, one thread, until it returns: into a spool that is synced every 100 ms\n");
        Console.WriteLine("| | k/s | p50 µs | p99 µs | our p50 × |\n|---|---|---|---|---|");
        Row("libfuse in C, drops all", theirs, "");
        Row("triggerfs mount", ours, (ours.P50 / theirs.P50).ToString("F2", CultureInfo.InvariantCulture));
    }

    private static void Sum(Result theirs, Result ours) =>
        Summary.Add("(e) asynchronous write, 100 B", "p50 µs", ours.P50, "libfuse in C, drops all", theirs.P50);

    private static void Row(string name, Result result, string ratio) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {result.PerSecond / 1000:F1} | {result.P50:F0} | {result.P99:F0} | {ratio} |"));
}
