using System.Globalization;
using System.Runtime.InteropServices;

namespace TriggerFs.Bench;

/// <summary>Under which conditions figures were taken: without them they mean nothing.</summary>
static class Conditions
{
    public static string Text(Plan plan)
    {
        string cpu = Of("/proc/cpuinfo", "model name");
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture, $"""
            # triggerFS, measured

            {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC · {Environment.ProcessorCount} × {cpu}
            · {RuntimeInformation.OSDescription}, kernel {kernel}
            · loopback · load before {load} · {plan.Rounds} rounds of {plan.Measure.TotalSeconds} s, medians
            """);
    }

    private static string Of(string file, string key) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "an unknown CPU";
}
