using System.Runtime.InteropServices;
using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Fs.Kernel;

/// <summary>Makes a directory ready to be mounted on: there, empty, and free of what a crash left behind.</summary>
static unsafe class Mountpoint
{
    /// <summary>
    /// The real path of a mountpoint that can be used now. A missing directory is made; a stale mount of ours is taken
    /// away; a live one, a file and a directory with something in it are refused.
    /// </summary>
    public static string Prepare(MountOptions options, Action<string> report)
    {
        string path = Resolve(options.Mountpoint) ?? Make(options.Mountpoint, report);
        for (int layer = 0; MountTable.At(path) is { } mount; layer++)
        {
            if (mount.FileSystem != MountTable.Type || layer > 16) break;
            if (!IsDead(path)) throw AlreadyMounted(path);
            Unmounting.Detach(path);
            report($"Cleaned up a stale mount in {path}");
        }
        CheckDirectory(path, options.NonEmpty);
        return path;
    }

    /// <summary>
    /// Whether the process behind a mount is gone. Asks for STATFS, which is never answered from a cache.
    /// </summary>
    public static bool IsDead(string path)
    {
        byte* buffer = stackalloc byte[256];
        return Native.Statfs(path, buffer) < 0 && Native.LastError is Errno.ENOTCONN or Errno.ECONNABORTED;
    }

    /// <summary>
    /// The path without symbolic links; null when there is no such thing. On a dead mount only the parent can be asked.
    /// </summary>
    private static string? Resolve(string path)
    {
        if (RealPath(path, out Errno error) is { } real) return real;
        string full = Path.GetFullPath(path);
        switch (error)
        {
            case Errno.ENOENT:
                return null;
            case Errno.ENOTCONN or Errno.ECONNABORTED:
                string? parent = RealPath(Path.GetDirectoryName(full) ?? "/", out _);
                return parent is null ? full : Path.Combine(parent, Path.GetFileName(full.TrimEnd('/')));
            default:
                throw new TriggerException(ErrorCode.Settings, $"the mountpoint {path} cannot be used: {error}");
        }
    }

    private static string? RealPath(string path, out Errno error)
    {
        byte* buffer = stackalloc byte[4096];
        byte* resolved = Native.Realpath(path, buffer);
        error = resolved is null ? Native.LastError : Errno.None;
        if (resolved is null) return null;
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(resolved));
    }

    /// <summary>
    /// As root the directory is made unwritable, so that a write while nothing is mounted fails instead of making an
    /// ordinary file; fusermount3 wants a directory that its user can write to.
    /// </summary>
    private static string Make(string path, Action<string> report)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(
                ErrorCode.Settings, $"the mountpoint {path} cannot be made", problem.Message,
                "make it yourself, or name another directory: triggerfs mount DIRECTORY");
        }
        if (Native.Geteuid() == 0) _ = Native.Chmod(path, 0b101_101_101);
        report($"Made the mountpoint {path}");
        return Resolve(path) ?? Path.GetFullPath(path);
    }

    private static void CheckDirectory(string path, bool nonEmptyToo)
    {
        if (File.Exists(path))
            throw new TriggerException(ErrorCode.Settings, $"the mountpoint {path} is not a directory");
        if (nonEmptyToo) return;
        try
        {
            string? first = Directory.EnumerateFileSystemEntries(path).FirstOrDefault();
            if (first is null) return;
            throw new TriggerException(
                ErrorCode.Settings,
                $"the mountpoint {path} is not empty",
                $"'{NameRule.Shown(Path.GetFileName(first))}' is in it: perhaps written while nothing was mounted",
                "move its files away, name another directory, or hide them while mounted: --nonempty");
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new TriggerException(ErrorCode.NotAllowed, $"the mountpoint {path} cannot be read", problem.Message);
        }
    }

    private static TriggerException AlreadyMounted(string path) => new(
        ErrorCode.Exists,
        $"triggerfs is mounted on {path} already",
        "another process serves it",
        $"end that one first, or unmount it: umount {path} (not root: fusermount3 -u {path})");
}
