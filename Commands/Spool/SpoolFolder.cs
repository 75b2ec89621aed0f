using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>The folder of a spool: made for its owner alone, used by one process at a time.</summary>
static class SpoolFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>More than so many processes of one user on one host are not looked for.</summary>
    private const int NumberMax = 64;

    /// <summary>
    /// Opens a spool that nobody else has open: the folder that is named, or with a number behind it, as a second
    /// process of the same user needs one of its own. Null when all are in use.
    /// </summary>
    public static (MessageSpool Spool, SpoolOptions Options)? TryOpenOwn(SpoolOptions options, Action<string> say)
    {
        foreach (SpoolOptions one in Numbered(options))
            if (MessageSpool.TryOpen(one, say) is { } spool) return (spool, one);
        return null;
    }

    /// <summary>
    /// Opens the spools that a process left without their messages having been sent, and that nobody has open.
    /// </summary>
    public static IEnumerable<(MessageSpool Spool, SpoolOptions Options)> OpenLeft(
        SpoolOptions options, Action<string> say)
    {
        foreach (SpoolOptions one in Numbered(options))
        {
            if (!Directory.Exists(one.Folder) || Segment.In(one.Folder).Length == 0) continue;
            if (MessageSpool.TryOpen(one, say) is not { } spool) continue;
            if (spool.Depth > 0) yield return (spool, one);
            else spool.Dispose();
        }
    }

    /// <summary>Why no spool could be opened.</summary>
    public static TriggerException NoneFree(SpoolOptions options) => new(
        ErrorCode.Busy, $"no spool is free at {options.Folder}", $"{NumberMax} are in use there",
        "end some mounts, or name another folder: spool under [triggerfs]");

    private static IEnumerable<SpoolOptions> Numbered(SpoolOptions options) =>
    [
        options, .. Enumerable.Range(2, NumberMax - 1).Select(number => options with
        {
            Folder = string.Create(CultureInfo.InvariantCulture, $"{options.Folder}.{number}"),
        }),
    ];

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

    /// <summary>
    /// Returns when the names of new files are on the disk, too (fsync(2) of the folder); throws why they are not, as
    /// <see cref="IOException"/>.
    /// </summary>
    public static void Sync(string folder)
    {
        int descriptor = Native.Open(folder, Native.O_RDONLY | Native.O_CLOEXEC);
        if (descriptor < 0) throw Refused(folder);
        IOException? refused = Native.Sync(descriptor) < 0 ? Refused(folder) : null;
        int error = Marshal.GetLastPInvokeError();
        _ = Native.Close(descriptor);
        // Some network file systems cannot do that to a folder, and need not.
        if (refused is not null && error != Native.EINVAL) throw refused;
    }

    /// <summary>
    /// fsync(2) of a file; throws why it failed, as <see cref="IOException"/>. The base library's own takes EROFS for
    /// success, which is what ext4 says once it gave up after an error.
    /// </summary>
    public static void Flush(SafeFileHandle file)
    {
        if (Native.Sync(file) < 0) throw Refused("a file of the spool");
    }

    private static IOException Refused(string what) =>
        new($"{Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}: {what}");
}
