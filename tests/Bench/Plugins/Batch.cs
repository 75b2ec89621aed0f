using System.Diagnostics;
using System.Globalization;

namespace TriggerFs.Bench.Plugins;

/// <summary>
/// Programs that run many jobs by themselves: how many a second, and what one takes when they come alone.
/// </summary>
static class Batch
{
    /// <summary>
    /// Runs a shell command that does many jobs: a few first, to see how many fill the time, then so many.
    /// </summary>
    /// <param name="plan">How long it is to take.</param>
    /// <param name="atOnce">How many are under way at once.</param>
    /// <param name="command">The command, in which JOBS stands for their number.</param>
    public static Result Measure(Plan plan, int atOnce, string command)
    {
        int jobs = 8 * atOnce;
        double seconds = Run(command, jobs);
        jobs = (int)Math.Clamp(jobs / seconds * plan.Measure.TotalSeconds, jobs, 1_000_000);
        seconds = Run(command, jobs);
        double each = seconds / jobs * atOnce * 1e6;
        return new(new(0, atOnce), jobs / seconds, each, double.NaN, double.NaN);
    }

    private static double Run(string command, int jobs)
    {
        string line = command.Replace("JOBS", jobs.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-c", line]) { RedirectStandardOutput = true };
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        int lines = text.AsSpan().Count('\n');
        return process.ExitCode == 0 && lines == jobs ? seconds
            : throw new InvalidOperationException($"{line}: exit {process.ExitCode}, {lines} of {jobs} lines");
    }
}
