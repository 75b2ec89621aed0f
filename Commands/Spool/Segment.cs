using System.Buffers;
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

    /// <summary>Behind the name of a segment: what is being written anew, and worth nothing until it has the name.
    /// </summary>
    private const string AnewSuffix = ".new";

    private const int CopySize = 64 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Held where the file is used, other than for appending, and where another takes its place.</summary>
    private readonly Lock _swap = new();
    private SafeFileHandle _file;
    private bool _isDeleted;
    private volatile bool _isDoubtful;

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

    /// <summary>
    /// The disk refused what is in it: nothing is appended, because what cannot be read back hides all that is behind
    /// it.
    /// </summary>
    public bool IsDoubtful => _isDoubtful;

    private static ReadOnlySpan<byte> Magic => "trSPOOL1"u8;

    /// <summary>The files of a spool in the order in which they were written.</summary>
    public static string[] In(string folder) =>
        [.. Directory.GetFiles(folder, "*" + Suffix).Order(StringComparer.Ordinal)];

    /// <summary>Removes what an earlier process was writing anew; what it is a copy of is there.</summary>
    public static void DeleteUnfinished(string folder)
    {
        foreach (string path in Directory.GetFiles(folder, "*" + Suffix + AnewSuffix)) File.Delete(path);
    }

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
        lock (_swap) return Read(_file, at, into);
    }

    /// <summary>Forgets what lies behind a place: a torn tail.</summary>
    public void Cut(long end)
    {
        RandomAccess.SetLength(_file, end);
        End = end;
    }

    /// <summary>
    /// Returns when all that was appended before is on the disk; throws why it is not, as <see cref="IOException"/>.
    /// </summary>
    /// <remarks>
    /// Linux tells of a failed write-back once, and takes the pages for clean from then on: a second fsync of the same
    /// file that succeeds says nothing of them. They are still in memory, as a rule (ext4, XFS; Btrfs may show what was
    /// before, which a record's checksum finds). So after a failure all is written anew, into another file, whose fsync
    /// means what it says, and which takes the place of this one.
    /// </remarks>
    /// <param name="flush">fsync(2).</param>
    public void Sync(Action<SafeFileHandle> flush)
    {
        if (_isDoubtful)
        {
            WriteAnew(flush);
            return;
        }
        try
        {
            flush(_file);
        }
        catch (IOException)
        {
            _isDoubtful = true;
            throw;
        }
    }

    /// <summary>
    /// It may not be on the disk though its own fsync succeeded: the folder, where its name is, was refused.
    /// </summary>
    public void Doubt() => _isDoubtful = true;

    public void Delete()
    {
        lock (_swap)
        {
            _isDeleted = true;
            _file.Dispose();
            File.Delete(Path);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Where nothing is appended meanwhile.</summary>
    private void WriteAnew(Action<SafeFileHandle> flush)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        string path = Path + AnewSuffix;
        SafeFileHandle other = Open(path, FileMode.Create);
        try
        {
            Copy(_file, other, End);
            flush(other);
            lock (_swap)
            {
                ObjectDisposedException.ThrowIf(_isDeleted, this);
                File.Move(path, Path, overwrite: true);
                (_file, other) = (other, _file);
            }
            _isDoubtful = false;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
        finally
        {
            other.Dispose();
        }
    }

    private static void Copy(SafeFileHandle from, SafeFileHandle to, long length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopySize);
        try
        {
            for (long at = 0; at < length;)
            {
                int count = Read(from, at, buffer.AsSpan(0, (int)Math.Min(CopySize, length - at)));
                if (count == 0) throw new EndOfStreamException("the segment is shorter than what was written into it");
                RandomAccess.Write(to, buffer.AsSpan(0, count), at);
                at += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Read(SafeFileHandle file, long at, Span<byte> into)
    {
        int done = 0;
        while (done < into.Length && RandomAccess.Read(file, into[done..], at + done) is var count and > 0)
            done += count;
        return done;
    }

    private static SafeFileHandle Open(string path, FileMode mode)
    {
        SafeFileHandle file = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);
        if (mode != FileMode.Open) File.SetUnixFileMode(file, OwnerOnly);
        return file;
    }
}
