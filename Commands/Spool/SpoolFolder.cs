using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>The folder of a spool: made for its owner alone, used by one process at a time.</summary>
static class SpoolFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>More than so many mounts of one user on one host are not looked for.</summary>
    private const int NumberMax = 64;

    /// <summary>
    /// A folder that nobody has open: the one that is named, or with a number behind it, as a second mount of the same
    /// user needs one of its own. Then those beside it that a process left without its messages having been sent.
    /// </summary>
    public static (string Own, string[] Left) Choose(string folder)
    {
        string[] names = [folder, .. Enumerable.Range(2, NumberMax - 1)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{folder}.{number}"))];
        string[] free = [.. names.Where(IsFree)];
        if (free.Length == 0)
            throw new TriggerException(ErrorCode.Storage, $"no spool is free at {folder}",
                $"{NumberMax} are in use there", "end some mounts, or name another folder: spool under [triggerfs]");
        return (free[0], [.. free.Skip(1).Where(name => Directory.Exists(name) && Segment.In(name).Length > 0)]);
    }

    /// <summary>Takes the folder for this process; null when another one has it.</summary>
    public static FileStream? Lock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            return new(Path.Combine(folder, "lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException) when (File.Exists(Path.Combine(folder, "lock")))
        {
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, problem);
        }
    }

    public static TriggerException Unusable(string folder, Exception problem) =>
        new(ErrorCode.Storage, $"the spool {folder} cannot be used", problem.Message,
            "name a folder that you may write to: spool under [triggerfs] in the settings", problem);

    /// <summary>Returns when the names of new files are on the disk, too (fsync(2) of the folder).</summary>
    public static void Sync(string folder)
    {
        int descriptor = Native.Open(folder, Native.O_RDONLY | Native.O_CLOEXEC);
        if (descriptor < 0) return;
        _ = Native.Sync(descriptor);
        _ = Native.Close(descriptor);
    }

    private static bool IsFree(string folder)
    {
        if (!Directory.Exists(folder)) return true;
        using FileStream? free = Lock(folder);
        return free is not null;
    }
}
