using System.Diagnostics;
using System.Globalization;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Fuse;

/// <summary>(d) Writing to files: ours, and a file system in C that does nothing.</summary>
static class FuseTable
{
    private static readonly string Source = "tests/Bench/Fuse/nullfs.c";

    public static async Task RunAsync(Plan plan)
    {
        Console.WriteLine("\n## (d) Writing to files of a mount\n");
        string folder = Directory.CreateTempSubdirectory("triggerfs-bench-").FullName;
        try
        {
            if (await MissingAsync(folder) is { } missing)
            {
                Console.WriteLine($"skipped: {missing}");
                return;
            }
            string nullfs = Path.Combine(folder, "nullfs");
            FuseServer[] servers =
            [
                new("libfuse in C, 1 thread", [nullfs, "{}", "-s"]), FuseServer.Ours(threads: 1),
                new("libfuse in C, threads", [nullfs, "{}"]), FuseServer.Ours(threads: null),
            ];
            Print(servers, await MeasureAsync(plan, servers, Path.Combine(folder, "mnt")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Compiles the file system in C; what is missing for that, or for mounting, else null.</summary>
    public static async Task<string?> MissingAsync(string folder)
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse")) return "it takes root and /dev/fuse";
        string[] compile = ["cc", "-O2", "-o", Path.Combine(folder, "nullfs"), Source, "-I/usr/include/fuse3"];
        Ended ended = await Ended.RunAsync(FuseServer.Start([.. compile, "-lfuse3", "-lpthread"], isPinned: false));
        return ended.ExitCode == 0 ? null : $"{Source} does not compile (libfuse3-dev): {ended.Err}";
    }

    /// <summary>
    /// All are mounted at once, and take turns at each way of writing, so that whatever else the machine does meets all
    /// of them alike.
    /// </summary>
    private static async Task<Dictionary<(FuseServer, FuseCell), List<Result>>> MeasureAsync(
        Plan plan, FuseServer[] servers, string folder)
    {
        var results = new Dictionary<(FuseServer, FuseCell), List<Result>>();
        foreach (bool isPinned in (bool[])[false, true])
        {
            var mounts = new List<(FuseServer Server, string Folder, Child Process)>();
            foreach (FuseServer server in servers)
            {
                string at = $"{folder}{mounts.Count}";
                mounts.Add((server, at, await server.MountAsync(at, isPinned)));
            }
            foreach (FuseCell cell in FuseCell.All.Where(cell => cell.IsPinned == isPinned))
            {
                foreach (FuseServer server in servers) results[(server, cell)] = [];
                for (int round = 0; round < plan.Rounds; round++)
                    foreach ((FuseServer server, string at, _) in mounts)
                        results[(server, cell)].Add(await LoadAsync(plan, at, cell));
            }
            foreach ((_, string at, Child process) in mounts)
            {
                Unmount(at);
                await process.EndAsync();
                await process.DisposeAsync();
            }
        }
        return results;
    }

    public static void Unmount(string folder)
    {
        using Process unmount = Process.Start("umount", folder);
        unmount.WaitForExit();
    }

    public static async Task<Result> LoadAsync(Plan plan, string folder, FuseCell cell)
    {
        string[] words =
        [
            Environment.ProcessPath!, "role", "load-fuse", folder, $"{Array.IndexOf(FuseCell.All, cell)}",
            $"{plan.WarmUp.TotalMilliseconds}", $"{plan.Measure.TotalMilliseconds}",
        ];
        Ended ended = await Ended.RunAsync(FuseServer.Start(words, cell.IsPinned));
        return ended.ExitCode == 0
            ? Result.Parse(ended.Out.Split('\n').First(line => line.StartsWith("RESULT", StringComparison.Ordinal)))
            : throw new InvalidOperationException(ended.Err);
    }

    private static void Print(FuseServer[] servers, Dictionary<(FuseServer, FuseCell), List<Result>> results)
    {
        Console.WriteLine("100 B a write, operations/s (p50/p99 µs); direct I/O, no FLUSH; all is dropped\n");
        Console.WriteLine($"| | {string.Join(" | ", FuseCell.All.Select(cell => cell.Name))} |");
        Console.WriteLine($"|---|{string.Concat(FuseCell.All.Select(_ => "---|"))}");
        for (int i = 0; i < servers.Length; i++)
        {
            FuseServer server = servers[i];
            Row(server.Name, cell => cell.Show(Of(server, cell)));
            if (i % 2 == 1)
                Row("ours ×", cell => Ratio(results[(server, cell)], results[(servers[i - 1], cell)]));
        }

        // The median of the rounds: both sides of each were measured one after the other.
        static string Ratio(List<Result> ours, List<Result> theirs) => string.Create(
            CultureInfo.InvariantCulture,
            $"{ours.Zip(theirs, (x, y) => x.PerSecond / y.PerSecond).Order().ElementAt(ours.Count / 2):F2}");

        Result Of(FuseServer server, FuseCell cell) => Result.Median(results[(server, cell)]);
        static void Row(string name, Func<FuseCell, string> show) =>
            Console.WriteLine($"| {name} | {string.Join(" | ", FuseCell.All.Select(show))} |");
    }
}
