using System.Text;
using Microsoft.Win32.SafeHandles;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>Files that built-in plugins write. No name, whatever it stands for, holds them up.</summary>
static class PlainFile
{
    private const int ModeNew = 0x1B6; // 0666, of which the umask takes away.

    /// <summary>Opens a file to write at its end; it is made when it is not there.</summary>
    public static unsafe SafeFileHandle OpenToAppend(string path)
    {
        // A FIFO without a reader is refused (ENXIO), where it would be waited for.
        const int Flags = Native.O_WRONLY | Native.O_CREAT | Native.O_APPEND | Native.O_NONBLOCK | Native.O_CLOEXEC;
        int fd;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0")) fd = Native.Open(bytes, Flags, ModeNew);
        return fd >= 0 ? new(fd, ownsHandle: true) : throw Failed(path, Native.Describe(Native.Errno));
    }

    /// <summary>
    /// Puts a whole new file in the place of another one: who reads sees the old or the new, and after a power cut
    /// there is one of them. What was there keeps its mode. A link is replaced and not followed: somebody else may have
    /// put it there, for a worker that is root.
    /// </summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode? mode = null)
    {
        bool isLink = new FileInfo(path).LinkTarget is not null;
        if (!isLink && Directory.Exists(path)) throw Failed(path, "it is a directory");
        if (!isLink && File.Exists(path)) mode ??= File.GetUnixFileMode(path);
        string fresh = $"{path}.{Path.GetRandomFileName()}.new";
        try
        {
            using (SafeFileHandle file = File.OpenHandle(fresh, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, content, 0);
                if (mode is { } wanted) File.SetUnixFileMode(file, wanted);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            File.Delete(fresh);
            throw Failed(path, problem.Message);
        }
    }

    public static TriggerException Failed(string path, string why) =>
        new(ErrorCode.Storage, $"{path} cannot be written", why);
}
