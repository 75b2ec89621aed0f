using System.Diagnostics;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>This program again, in another role.</summary>
static class OwnProcess
{
    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public static Task<Child> StartAsync(params string[] role) => ReadyAsync(Begin(role));

    /// <summary>The same, on what processors the others leave (SCHED_IDLE).</summary>
    public static Task<Child> StartIdleAsync(params string[] role) =>
        ReadyAsync(Installed.Begin("chrt", ["--idle", "0", Environment.ProcessPath!, "role", .. role]));

    /// <summary>Runs a client over some cells: its results so far, and how it failed, if it did.</summary>
    public static async Task<(Result[] Results, string? Failure)> AskAsync(
        string[] client, Plan plan, Cell[] run)
    {
        string[] times = [$"{plan.WarmUp.TotalMilliseconds}", $"{plan.Measure.TotalMilliseconds}"];
        string cells = string.Join(',', run);
        Ended ended = await Ended.RunAsync(Begin([.. client, .. times, cells]), deadline: TimeSpan.FromMinutes(5));
        string[] lines = ended.Out.Split('\n');
        return (
            [.. lines.Where(line => line.StartsWith("RESULT", StringComparison.Ordinal)).Select(Result.Parse)],
            ended.ExitCode == 0 ? null : string.Join("; ", ended.Err.Split('\n').Take(3)));
    }

    private static async Task<Child> ReadyAsync(ProcessStartInfo start)
    {
        var child = new Child(start);
        await child.LineAsync("^READY", deadline: TimeSpan.FromMinutes(2));
        return child;
    }

    private static ProcessStartInfo Begin(string[] role) =>
        Installed.Begin(Environment.ProcessPath!, ["role", .. role]);
}
