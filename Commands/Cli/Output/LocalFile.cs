using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Output;

/// <summary>Files of this machine that statements name; <c>~</c> is the home directory.</summary>
static class LocalFile
{
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

    /// <summary>The path that the system knows.</summary>
    public static string Expand(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;
}
