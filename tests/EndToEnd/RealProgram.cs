using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// The real program as these tests start it: the native binary named by TRIGGERFS_BINARY, else the one that was
/// compiled with the tests.
/// </summary>
static class RealProgram
{
    private static readonly string? Binary = Named("TRIGGERFS_BINARY");

    /// <summary>It is the native binary.</summary>
    public static bool IsNative => Binary is not null;

    /// <summary>The file that links may point to.</summary>
    public static string Executable { get; } = Binary ?? Path.Combine(AppContext.BaseDirectory, "triggerfs");

    /// <summary>
    /// The same for a machine with an older processor, for which `make native` makes nothing: TRIGGERFS_PORTABLE_BINARY
    /// names what `make static` has made.
    /// </summary>
    public static string Portable { get; } = Named("TRIGGERFS_PORTABLE_BINARY") ?? Executable;

    /// <summary>
    /// How to start it with some arguments, in an environment without settings of whoever runs the tests.
    /// </summary>
    /// <param name="home">Its working directory and HOME.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="through">A program that becomes it, with its arguments (nsenter, …); empty for none.</param>
    public static ProcessStartInfo Start(string home, IEnumerable<string> arguments, params string[] through)
    {
        string[] words = [.. through, Binary ?? "dotnet"];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Binary is null) start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "triggerfs.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (string name in start.Environment.Keys.Where(IsSetting).ToArray()) start.Environment.Remove(name);
        start.Environment["HOME"] = home;
        return start;
    }

    private static string? Named(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path
            ? Path.GetFullPath(path, Repository.Sources.Root) : null;

    private static bool IsSetting(string name) =>
        (name.StartsWith("TRIGGERFS_", StringComparison.Ordinal) && name != "TRIGGERFS_BINARY")
        || name.StartsWith("XDG_", StringComparison.Ordinal) || name == "NOTIFY_SOCKET";
}
