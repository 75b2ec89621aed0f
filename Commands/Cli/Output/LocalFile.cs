using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Output;

/// <summary>Files of this machine that statements name; <c>~</c> is the home directory.</summary>
static class LocalFile
{
    /// <summary>Entries of a directory that are looked at for completion.</summary>
    private const int EntriesMax = 1000;

    /// <summary>An empty file that only its owner may read, unless it was there with other permissions.</summary>
    public static StreamWriter Create(string path)
    {
        try
        {
            return new(Expand(path), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = SecretFile.OwnerOnly,
            });
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(
                ErrorCode.Usage, $"{Visible.Escape(path)} cannot be written", problem.Message, cause: problem);
        }
    }

    /// <summary>
    /// Files and directories that a path may yet become, written as it is; a directory has a '/' at its end.
    /// </summary>
    public static IReadOnlyList<string> Names(string beginning)
    {
        string parent = beginning[..(beginning.LastIndexOf('/') + 1)];
        string leaf = beginning[parent.Length..];
        try
        {
            return
            [
                .. new DirectoryInfo(parent.Length == 0 ? "." : Expand(parent)).EnumerateFileSystemInfos(leaf + "*")
                    .Where(entry => leaf.Length > 0 || !entry.Name.StartsWith('.'))
                    .Take(EntriesMax)
                    .Select(entry => parent + entry.Name + (entry is DirectoryInfo ? "/" : "")),
            ];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    /// <summary>The path that the system knows.</summary>
    public static string Expand(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;
}
