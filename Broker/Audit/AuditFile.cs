using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Core;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// The files of the audit as they are written: lines are added and on the disk when <see cref="Append"/> returns, a
/// full file makes room for a new one, the oldest are removed, and the chain goes on through all of it. Not for several
/// threads. Throws <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.
/// </summary>
sealed class AuditFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly AuditFolder _folder;
    private readonly AuditOptions _options;
    private readonly ILogger _log;
    private readonly ArrayBufferWriter<byte> _lines = new();
    private FileStream? _current;
    private FileStream? _headFile;
    private DateTime _begun;
    private long _first;
    private long _end;
    private bool _isTorn;

    public AuditFile(AuditOptions options, ILogger log)
    {
        _options = options;
        _log = log;
        _folder = new(options.Folder);
        Directory.CreateDirectory(_folder.Path, OwnerOnly | UnixFileMode.UserExecute);
        Mended = Recover();
    }

    /// <summary>The last line.</summary>
    public AuditHead Head { get; private set; } = new(0, AuditLine.NoHash);

    /// <summary>What had to be mended at the start, as an entry to write first; null when all was well.</summary>
    public AuditEntry? Mended { get; }

    /// <summary>Adds lines, all or none of them.</summary>
    public void Append(IReadOnlyList<AuditEntry> entries)
    {
        if (entries.Count == 0) return;
        FileStream file = Current(entries[0].Time);
        AuditHead head = Head;
        _lines.ResetWrittenCount();
        foreach (AuditEntry entry in entries)
            head = new(head.Seq + 1, AuditLine.Write(_lines, entry with { Seq = head.Seq + 1, Prev = head.Hash }));
        if (_isTorn) file.SetLength(_end); // What a full disk took of it is half a line.
        _isTorn = true;
        RandomAccess.Write(file.SafeFileHandle, _lines.WrittenSpan, _end);
        file.Flush(flushToDisk: true);
        _isTorn = false;
        _end += _lines.WrittenCount;
        Head = head;
        WriteHead();
    }

    /// <summary>
    /// Closes a full file and removes the oldest, as the options say; returns entries that tell of it, to be added.
    /// </summary>
    public List<AuditEntry> Tidy(DateTime now)
    {
        if (_current is { } file && _end > 0
            && (_end >= _options.FileSizeMax || now - _begun >= _options.FileAgeMax)) Close(file);
        var removed = new List<AuditEntry>();
        List<FileInfo> full = [.. _folder.FullFiles().Select(path => new FileInfo(path))];
        long size = full.Sum(one => one.Length) + _options.FileSizeMax;
        foreach (FileInfo oldest in full)
        {
            if (size <= _options.SizeMax && !IsTooOld(oldest.LastWriteTimeUtc, now)) break;
            size -= oldest.Length;
            if (Remove(oldest.FullName, now) is { } entry) removed.Add(entry);
        }
        return removed;
    }

    /// <summary>What was written before the host knew the time may be of today.</summary>
    private bool IsTooOld(DateTime written, DateTime now) =>
        now - written >= _options.Age && written >= DateTime.UnixEpoch.AddMilliseconds(EvenClock.UnsetBeforeUnixMs);

    public void Dispose()
    {
        _current?.Dispose();
        _headFile?.Dispose();
    }

    /// <summary>The file to add to; one that somebody moved away is begun anew.</summary>
    private FileStream Current(DateTime now)
    {
        if (_current is { } file && File.Exists(_folder.Current)) return file;
        _current?.Dispose();
        _current = Open(_folder.Current);
        _end = 0;
        _begun = now;
        _first = Head.Seq + 1;
        return _current;
    }

    private void Close(FileStream file)
    {
        file.Dispose();
        _current = null;
        long name = _first;
        while (File.Exists(_folder.Full(name))) name++;
        File.Move(_folder.Current, _folder.Full(name));
        Log.AuditHead(_log, Head.Seq, Head.Hash);
    }

    private static AuditEntry? Remove(string path, DateTime now)
    {
        AuditEntry? last = LastOf(File.ReadAllBytes(path), out string hash);
        File.Delete(path);
        return last is null ? null : new()
        {
            Time = now,
            Event = AuditEvents.Removed,
            What = $"lines up to {last.Seq} are not kept any longer",
            Removed = new(last.Seq, hash),
        };
    }

    /// <summary>
    /// Finds the end of the chain. Half a line, which a crash leaves, is taken out; lines that are missing at the end
    /// are left missing in the numbers, so that they show for ever.
    /// </summary>
    private AuditEntry? Recover()
    {
        string? mended = null;
        foreach (string path in _folder.Files().Reverse())
        {
            byte[] lines = File.ReadAllBytes(path);
            if (path == _folder.Current) mended = TakeUp(lines);
            if (LastOf(lines, out string hash) is not { } last) continue;
            Head = new(last.Seq, hash);
            break;
        }
        if (_first == 0) _first = Head.Seq + 1;
        if (_folder.ReadHead() is { } head && head.Seq > Head.Seq)
        {
            mended = $"lines {Head.Seq + 1} to {head.Seq} were missing when the broker started";
            Log.AuditCut(_log, Head.Seq + 1, head.Seq);
            Head = head;
        }
        Log.AuditHead(_log, Head.Seq, Head.Hash);
        return mended is null ? null : new() { Time = DateTime.UtcNow, Event = AuditEvents.Lost, What = mended };
    }

    /// <summary>Goes on with the file that was written to last.</summary>
    private string? TakeUp(ReadOnlySpan<byte> lines)
    {
        _current = Open(_folder.Current);
        int end = lines.LastIndexOf((byte)'\n') + 1;
        if (end < lines.Length) _current.SetLength(end);
        _end = end;
        int first = lines.IndexOf((byte)'\n');
        AuditEntry? begun = first < 0 ? null : AuditLine.TryRead(lines[..first], out _);
        _begun = begun?.Time ?? DateTime.UtcNow;
        _first = begun?.Seq ?? 0;
        return end == lines.Length ? null : "the beginning of a line, which was not finished, was removed";
    }

    /// <summary>The last line that can be read; what somebody made of those behind it shows in the numbers.</summary>
    private static AuditEntry? LastOf(ReadOnlySpan<byte> lines, out string hash)
    {
        int end = lines.LastIndexOf((byte)'\n');
        while (end > 0)
        {
            int before = lines[..end].LastIndexOf((byte)'\n');
            if (AuditLine.TryRead(lines[(before + 1)..end], out hash) is { } entry) return entry;
            end = before;
        }
        hash = AuditLine.NoHash;
        return null;
    }

    /// <summary>Behind the lines, and not waited for: it is never ahead of them.</summary>
    private void WriteHead()
    {
        try
        {
            _headFile ??= Open(_folder.HeadFile);
            RandomAccess.Write(_headFile.SafeFileHandle, Encoding.ASCII.GetBytes(Head.Text), fileOffset: 0);
        }
        catch (IOException)
        {
            // The lines are written, and the next ones bring it up to date.
        }
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = OwnerOnly,
    });
}
