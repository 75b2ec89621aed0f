using System.Diagnostics;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>This program again, in another role.</summary>
static class OwnProcess
{
    /// <summary>Starts it and waits until it says that it is ready.</summary>
    public static async Task<Child> StartAsync(params string[] role)
    {
        var child = new Child(Begin(role));
        await child.LineAsync("^READY");
        return child;
    }

    /// <summary>Runs a client over some cells; its results.</summary>
    public static async Task<Result[]> AskAsync(string[] client, Plan plan)
    {
        string[] times = [$"{plan.WarmUp.TotalMilliseconds}", $"{plan.Measure.TotalMilliseconds}"];
        string cells = string.Join(',', plan.Cells);
        Ended ended = await Ended.RunAsync(Begin([.. client, .. times, cells]), deadline: TimeSpan.FromMinutes(5));
        if (ended.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', client)}: {ended.Out}{ended.Err}");
        string[] lines = ended.Out.Split('\n');
        return [.. lines.Where(line => line.StartsWith("RESULT", StringComparison.Ordinal)).Select(Result.Parse)];
    }

    private static ProcessStartInfo Begin(string[] role) => new(Environment.ProcessPath!, ["role", .. role])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
