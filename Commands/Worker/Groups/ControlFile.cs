using System.Text;

namespace TriggerFs.Commands.Worker.Groups;

/// <summary>The small files by which the kernel is told, and tells, about control groups.</summary>
static unsafe class ControlFile
{
    private const int SizeMax = 64 * 1024;

    /// <summary>Writes a text at once; 0, or the errno.</summary>
    public static int Write(string path, string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"), start = bytes)
        {
            int fd = Native.Open(name, Native.O_WRONLY | Native.O_CLOEXEC, 0);
            if (fd < 0) return Native.Errno;
            int errno = Native.Write(fd, start, bytes.Length) < 0 ? Native.Errno : 0;
            Native.Close(fd);
            return errno;
        }
    }

    /// <summary>What a file has; nothing when it cannot be read.</summary>
    public static string Read(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] bytes = new byte[SizeMax];
            int length = 0;
            for (int got; length < SizeMax && (got = file.Read(bytes.AsSpan(length))) > 0;) length += got;
            return Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Removes a group; false while somebody is in it.</summary>
    public static bool RemoveFolder(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            return Native.RemoveFolder(name) == 0 || Native.Errno == Native.ENOENT;
    }
}
