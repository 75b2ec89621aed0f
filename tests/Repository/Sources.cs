using System.Runtime.CompilerServices;

namespace TriggerFs.Tests.Repository;

/// <summary>The C# files of the checkout that these tests were compiled from.</summary>
static class Sources
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<string> Product { get; } =
        [Path.Combine(Root, "Program.cs"), .. new[] { "Broker", "Commands", "Core", "Fs", "Transport" }.SelectMany(In)];

    public static IReadOnlyList<string> All { get; } = [.. Product, .. In("tests")];

    public static IEnumerable<string> In(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"));

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
