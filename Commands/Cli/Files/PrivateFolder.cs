using System.Security.Cryptography;

namespace TriggerFs.Commands.Cli.Files;

/// <summary>An empty folder that nobody else can look into or put something else in the place of.</summary>
static class PrivateFolder
{
    /// <summary>As the console of 2018 called it.</summary>
    private const string Prefix = "triggerfs-client";

    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Makes one in <c>$XDG_RUNTIME_DIR</c>, which goes when its user does, or else, by mkdtemp(3), where temporary
    /// files are. Root does not trust the variable: behind su and sudo it is often another user's.
    /// </summary>
    public static string Make(Func<string, string?> environment, bool isRoot)
    {
        if (!isRoot && environment("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && IsPrivate(runtime))
        {
            string path = Path.Join(runtime, $"{Prefix}{RandomNumberGenerator.GetInt32(100_000_000, 1_000_000_000)}");
            return Directory.CreateDirectory(path, OwnerOnly).FullName;
        }
        return Directory.CreateTempSubdirectory(Prefix).FullName;
    }

    /// <summary>Removes it, unless something is in it or on it.</summary>
    public static void Remove(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // What is mounted there still has its reasons; the end of the session, or of the day, cleans it up.
        }
    }

    private static bool IsPrivate(string folder)
    {
        try
        {
            return Path.IsPathRooted(folder) && File.GetUnixFileMode(folder) == OwnerOnly;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
