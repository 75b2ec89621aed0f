using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace TriggerFs.Commands.Spool;

/// <summary>
/// One file of a spool: a header, then records one behind the other. Only the newest one is appended to; each is
/// deleted as a whole when nothing in it is wanted any more.
/// </summary>
/// <remarks>header: "trSPOOL1" | u64 spool, little-endian</remarks>
sealed class Segment : IDisposable
{
    public const int HeaderSize = 16;

    private const string Suffix = ".segment";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SafeFileHandle _file;

    private Segment(string path, SafeFileHandle file, long end)
    {
        Path = path;
        _file = file;
        End = end;
    }

    public string Path { get; }

    /// <summary>Where the next record goes.</summary>
    public long End { get; private set; }

    /// <summary>Messages in it that are still wanted.</summary>
    public int Live { get; set; }

    private static ReadOnlySpan<byte> Magic => "trSPOOL1"u8;

    /// <summary>The files of a spool in the order in which they were written.</summary>
    public static string[] In(string folder) =>
        [.. Directory.GetFiles(folder, "*" + Suffix).Order(StringComparer.Ordinal)];

    /// <summary>The sequence that a segment is named by, also of one that cannot be read; 0 for another name.</summary>
    public static ulong NumberOf(string path)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        const NumberStyles Hex = NumberStyles.AllowHexSpecifier;
        bool isNumber = ulong.TryParse(name, Hex, CultureInfo.InvariantCulture, out ulong number);
        return isNumber && number >> 32 < uint.MaxValue ? number : 0;
    }

    /// <summary>Begins a segment, named by the sequence from which it goes on.</summary>
    public static Segment Create(string folder, ulong spool, ulong sequence)
    {
        string path = System.IO.Path.Combine(folder, sequence.ToString("x16") + Suffix);
        SafeFileHandle file = Open(path, FileMode.CreateNew);
        Span<byte> header = stackalloc byte[HeaderSize];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], spool);
        try
        {
            RandomAccess.Write(file, header, 0);
        }
        catch (IOException)
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
        return new(path, file, HeaderSize);
    }

    /// <summary>Opens what an earlier process left; null when it is not a segment.</summary>
    public static (Segment Segment, ulong Spool)? TryOpen(string path)
    {
        SafeFileHandle file = Open(path, FileMode.Open);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (RandomAccess.Read(file, header, 0) == HeaderSize && header.StartsWith(Magic))
        {
            var segment = new Segment(path, file, RandomAccess.GetLength(file));
            return (segment, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]));
        }
        file.Dispose();
        return null;
    }

    /// <summary>Appends; a disk that refuses leaves the segment as it was, and throws.</summary>
    public long Append(ReadOnlySpan<byte> record)
    {
        long at = End;
        try
        {
            RandomAccess.Write(_file, record, at);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_file, at);
            throw;
        }
        End = at + record.Length;
        return at;
    }

    /// <summary>Reads what is there at a place, at most so much as the buffer takes; returns the count.</summary>
    public int Read(long at, Span<byte> into)
    {
        into = into[..(int)Math.Min(into.Length, End - at)];
        int done = 0;
        while (done < into.Length && RandomAccess.Read(_file, into[done..], at + done) is var count and > 0)
            done += count;
        return done;
    }

    /// <summary>Forgets what lies behind a place: a torn tail.</summary>
    public void Cut(long end)
    {
        RandomAccess.SetLength(_file, end);
        End = end;
    }

    /// <summary>Returns when what was appended is on the disk.</summary>
    public void Sync() => RandomAccess.FlushToDisk(_file);

    public void Delete()
    {
        _file.Dispose();
        File.Delete(Path);
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string path, FileMode mode)
    {
        SafeFileHandle file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);
        if (mode == FileMode.CreateNew) File.SetUnixFileMode(file, OwnerOnly);
        return file;
    }
}
