using System.Diagnostics;
using System.Globalization;
using TriggerFs.Commands.Session;

namespace TriggerFs.Bench.Plugins;

/// <summary>
/// (f) A plugin that says hello, in C and in Python: started for each run, kept up, and the one that is built in;
/// against starting it alone, GNU parallel and gearman -w with the same program.
/// </summary>
static class RunningPlugins
{
    private const string Folder = "tests/Bench/Plugins";

    /// <summary>Runs under way at once, where each starts a process; and where none does.</summary>
    private const int AtOnce = 8, ManyAtOnce = 64;

    public static async Task RunAsync(Plan plan)
    {
        await using Site site = await Site.StartAsync(plan.Binary);
        string plugins = Install(Path.Combine(site.Folder, "plugins"));
        await site.SettleAsync($"[workers]\npluginspath = \"{plugins}\"");
        await site.StartWorkerAsync(jobs: ManyAtOnce);
        await using UserSession session = await Asker.ConnectAsync(site);
        using var gearman = new Gearman($"{plugins}/hello", AtOnce);
        string parallel = $"seq JOBS | parallel -N0 {plugins}/hello";
        Row[] rows =
        [
            new("posix_spawn + waitpid of it (C)", AtOnce, count => Spawning.Measure(plan, count, $"{plugins}/hello")),
            new("GNU parallel (C)", AtOnce, count => Batch.Measure(plan, count, $"{parallel} -j{count}")),
            new("gearman -w (C)", AtOnce, count => Batch.Measure(plan, count, gearman.Command(count))),
            Ours("triggerfs, exec (C)", "hello", AtOnce),
            Ours("triggerfs, lines (C)", "warm", ManyAtOnce),
            new("posix_spawn + waitpid of it (Python)", AtOnce,
                count => Spawning.Measure(plan, count, $"{plugins}/hello-py")),
            Ours("triggerfs, exec (Python)", "hello-py", AtOnce),
            Ours("triggerfs, lines (Python)", "warm-py", ManyAtOnce),
            Ours("triggerfs, built in (echo)", "echo", ManyAtOnce),
        ];
        for (int round = 0; round < plan.Rounds; round++)
            foreach (Row row in rows) row.Measure();
        Console.WriteLine("\n## (f) Running a plugin\n");
        Console.WriteLine("| | p50 µs, one at a time | per s | at once |\n|---|---|---|---|");
        foreach (Row row in rows) Console.WriteLine(row.Text());
        foreach (Row peer in rows[..3])
            Summary.Add($"(f) a plugin in C, {AtOnce} at once", "per s", rows[3].PerSecond, peer.Name, peer.PerSecond);
        PrintRatio("C", rows[3], rows[4]);
        PrintRatio("Python", rows[6], rows[7]);

        Row Ours(string name, string plugin, int atOnce) =>
            new(name, atOnce, count => Asker.Measure(plan, session, plugin, "hello\n", count));
    }

    private static void PrintRatio(string language, Row exec, Row warm) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"\nKept up, the one in {language} runs {warm.PerSecond / exec.PerSecond:F1} times as often a second."));

    private static string Install(string folder)
    {
        Directory.CreateDirectory(folder);
        using (Process compiler = Process.Start("cc", ["-O2", "-o", $"{folder}/hello", $"{Folder}/hello.c"]))
        {
            compiler.WaitForExit();
            if (compiler.ExitCode != 0) throw new InvalidOperationException("hello.c could not be compiled");
        }
        File.Copy($"{Folder}/hello.py", $"{folder}/hello-py");
        File.SetUnixFileMode($"{folder}/hello-py", (UnixFileMode)0x1ED);
        File.Copy($"{folder}/hello", $"{folder}/warm");
        File.Copy($"{folder}/hello-py", $"{folder}/warm-py");
        foreach (string warm in (string[])["warm", "warm-py"])
            File.WriteAllText($"{folder}/{warm}.json", """{ "contract": "lines", "runs": 64 }""");
        return folder;
    }

    /// <summary>One way to run it: its medians alone, and with others.</summary>
    private sealed class Row(string name, int atOnce, Func<int, Result> measure)
    {
        private readonly List<Result> _one = [], _many = [];

        public string Name => name;

        public double PerSecond => Result.Median(_many).PerSecond;

        public void Measure()
        {
            _one.Add(measure(1));
            _many.Add(measure(atOnce));
        }

        public string Text() => string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {Result.Median(_one).P50:F0} | {PerSecond:F0} | {atOnce} |");
    }
}
