namespace TriggerFs.Commands.Worker;

/// <summary>Finds a program as a shell does.</summary>
static class ProgramFile
{
    /// <summary>Used where the worker was started without a PATH.</summary>
    private const string PathDefault = "/usr/local/bin:/usr/bin:/bin";

    /// <summary>The file of a program in the PATH, or null.</summary>
    public static string? Find(string name)
    {
        string path = Environment.GetEnvironmentVariable("PATH") is { Length: > 0 } set ? set : PathDefault;
        foreach (string folder in path.Split(':'))
        {
            if (!Path.IsPathRooted(folder)) continue;
            string file = Path.Combine(folder, name);
            if (File.Exists(file) && (File.GetUnixFileMode(file) & Executable) != 0) return file;
        }
        return null;
    }

    private const UnixFileMode Executable =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
