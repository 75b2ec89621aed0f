using System.Buffers.Binary;
using System.Text;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>By which a file is known again: another one, or a changed one, has another stamp.</summary>
readonly record struct FileStamp(ulong Device, ulong Inode, ulong Size, long ChangedNs);

/// <summary>
/// A file or folder that was opened: what it is, and where it really is, links resolved. What is found out about it is
/// true of this very file, whatever its name stands for by now.
/// </summary>
/// <param name="Fd">Its descriptor, closed with this.</param>
/// <param name="RealPath">Where it is.</param>
/// <param name="Stamp">By which it is known again.</param>
/// <param name="Mode">Type and permissions, as stat(2) has them.</param>
/// <param name="Owner">The user it belongs to.</param>
/// <param name="Group">The group it belongs to.</param>
sealed record OpenedFile(int Fd, string RealPath, FileStamp Stamp, int Mode, uint Owner, uint Group) : IDisposable
{
    private const int TypeMask = 0xF000, Regular = 0x8000, Directory = 0x4000;

    public bool IsRegular => (Mode & TypeMask) == Regular;

    public bool IsFolder => (Mode & TypeMask) == Directory;

    /// <summary>Opens a file to look at it, or to read it; null, and the errno, when it cannot be opened.</summary>
    public static unsafe OpenedFile? Open(string path, bool read, out int errno)
    {
        // A FIFO must not hold us up.
        int flags = Native.O_CLOEXEC | (read ? Native.O_RDONLY | Native.O_NONBLOCK : Native.O_PATH);
        int fd;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0")) fd = Native.Open(bytes, flags, 0);
        errno = fd < 0 ? Native.Errno : 0;
        if (fd < 0) return null;
        byte* stat = stackalloc byte[Native.StatxSize];
        string? real = LinkOf(fd);
        byte nothing = 0;
        if (real is null || Native.Statx(fd, &nothing, Native.AT_EMPTY_PATH, Native.StatxBasic, stat) < 0)
        {
            errno = real is null ? Native.ENOENT : Native.Errno;
            Native.Close(fd);
            return null;
        }
        return Read(fd, real, new(stat, Native.StatxSize));
    }

    /// <summary>All of a file that was opened for reading; null when it has more bytes than allowed.</summary>
    public unsafe byte[]? ReadAll(int sizeMax)
    {
        byte[] bytes = new byte[sizeMax + 1];
        int length = 0;
        fixed (byte* start = bytes)
        {
            nint got;
            while (length <= sizeMax && (got = Native.Read(Fd, start + length, bytes.Length - length)) > 0)
                length += (int)got;
        }
        return length <= sizeMax ? bytes[..length] : null;
    }

    public void Dispose() => Native.Close(Fd);

    /// <summary>Where the kernel says that a descriptor's file is; null when it was removed meanwhile.</summary>
    private static unsafe string? LinkOf(int fd)
    {
        const int Size = 4096;
        byte* target = stackalloc byte[Size];
        nint length;
        fixed (byte* link = Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}\0"))
            length = Native.ReadLink(link, target, Size);
        string path = length is > 0 and < Size ? Encoding.UTF8.GetString(target, (int)length) : "";
        return path.StartsWith('/') && !path.EndsWith(" (deleted)", StringComparison.Ordinal) ? path : null;
    }

    /// <summary>struct statx of linux/stat.h; its numbers are little-endian as the machine is.</summary>
    private static OpenedFile Read(int fd, string path, ReadOnlySpan<byte> stat)
    {
        ulong device = BinaryPrimitives.ReadUInt64LittleEndian(stat[136..]);
        ulong inode = BinaryPrimitives.ReadUInt64LittleEndian(stat[32..]);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(stat[40..]);
        long changedNs = (BinaryPrimitives.ReadInt64LittleEndian(stat[96..]) * 1_000_000_000)
            + BinaryPrimitives.ReadUInt32LittleEndian(stat[104..]);
        return new(
            fd, path, new(device, inode, size, changedNs),
            BinaryPrimitives.ReadUInt16LittleEndian(stat[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(stat[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(stat[24..]));
    }
}
