using System.Diagnostics;
using System.Globalization;

namespace TriggerFs.Bench;

/// <summary>A program that ran to its end: how long, and the most memory that it and another held.</summary>
sealed record WatchedRun(double Seconds, int ExitCode, string Errors, double OwnMiB, double OtherMiB)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(5);

    /// <param name="other">Another process that is looked at.</param>
    public static async Task<WatchedRun> RunAsync(ProcessStartInfo start, int other)
    {
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task drained = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        double ownMiB = 0, otherMiB = 0;
        Task ended = process.WaitForExitAsync();
        while (!ended.IsCompleted)
        {
            ownMiB = Math.Max(ownMiB, ResidentMiB(process.Id));
            otherMiB = Math.Max(otherMiB, ResidentMiB(other));
            await Task.WhenAny(ended, Task.Delay(LookEvery));
        }
        await ended;
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await drained;
        return new(seconds, process.ExitCode, await errors, ownMiB, otherMiB);
    }

    /// <summary>The resident memory of a process; 0 when it is gone.</summary>
    private static double ResidentMiB(int process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            string[]? words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words is null ? 0 : int.Parse(words[1], CultureInfo.InvariantCulture) / 1024.0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
