using System.Globalization;
using TriggerFs.Commands.Session;

namespace TriggerFs.Bench;

/// <summary>(b) <c>command/command</c> running <c>true</c> on a worker against posix_spawn and waitpid alone.</summary>
static class RunningTrue
{
    private const int AtOnce = 8;

    public static async Task RunAsync(Plan plan)
    {
        List<Result> bare = [], shell = [], ours = [], bareMany = [], shellMany = [], oursMany = [];
        await using Site site = await Site.StartAsync(plan.Binary);
        await site.StartWorkerAsync(jobs: 64);
        await using UserSession session = await Asker.ConnectAsync(site);
        for (int round = 0; round < plan.Rounds; round++)
        {
            bare.Add(Spawning.Measure(plan, 1, "true"));
            shell.Add(Spawning.Measure(plan, 1, "bash", "-c", "true"));
            ours.Add(Asker.Measure(plan, session, "command/command", "true", 1));
            bareMany.Add(Spawning.Measure(plan, AtOnce, "true"));
            shellMany.Add(Spawning.Measure(plan, AtOnce, "bash", "-c", "true"));
            oursMany.Add(Asker.Measure(plan, session, "command/command", "true", AtOnce));
        }
        Console.WriteLine("\n## (b) Running `true`\n");
        Console.WriteLine($"| | p50 µs | p99 µs | per s, {AtOnce} at once |\n|---|---|---|---|");
        Print("posix_spawn + waitpid of true", bare, bareMany);
        Print("posix_spawn + waitpid of bash -c true", shell, shellMany);
        Print("triggerfs: command/command (`bash -c true`), client to worker and back", ours, oursMany);
    }

    private static void Print(string name, List<Result> one, List<Result> many)
    {
        Result alone = Result.Median(one), crowd = Result.Median(many);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {alone.P50:F0} | {alone.P99:F0} | {crowd.PerSecond:F0} |"));
    }
}
