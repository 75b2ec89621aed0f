using System.Diagnostics;

namespace TriggerFs.Bench.Peers;

/// <summary>Programs as they are found and started.</summary>
static class Installed
{
    /// <summary>Where a program is, also where only root looks; null when it is not installed.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':')
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);

    public static ProcessStartInfo Begin(string program, string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
