using TriggerFs.Core;

namespace TriggerFs.Broker.Audit;

/// <summary>What came of going over the whole chain.</summary>
/// <param name="Fault">The first that is wrong; null when nothing is.</param>
sealed record AuditReport(int Files, long Lines, AuditEntry? First, AuditEntry? Last, string Hash, AuditFault? Fault);

/// <summary>A place in the files at which the chain is broken.</summary>
/// <param name="Line">In that file, from 1; 0 for the whole file.</param>
sealed record AuditFault(string File, long Line, string What, string Why);

/// <summary>
/// Goes over the chain from the first line that is kept to the last, each line's hash, its number and the hash of the
/// line before. Works beside a broker that goes on writing.
/// </summary>
sealed class AuditVerifier
{
    private readonly AuditFolder _folder;
    private readonly AuditHead? _head;
    private readonly HashSet<AuditedRemoval> _removals = [];
    private AuditEntry? _first;
    private AuditEntry? _last;
    private string _firstFile = "";
    private string _hash = AuditLine.NoHash;
    private long _lines;

    private AuditVerifier(AuditFolder folder)
    {
        _folder = folder;
        _head = folder.ReadHead(); // Before the files: it may be behind them, never ahead.
    }

    /// <summary>The report on a folder; begins again when a file became full meanwhile.</summary>
    public static AuditReport Verify(string folder)
    {
        var files = new AuditFolder(folder);
        for (int tries = 1; ; tries++)
        {
            string[] before = files.FullFiles();
            try
            {
                AuditReport report = new AuditVerifier(files).Run();
                if (report.Fault is null || tries == 3 || files.FullFiles().SequenceEqual(before)) return report;
            }
            catch (FileNotFoundException) when (tries < 3)
            {
                // It was renamed, or removed, a moment ago.
            }
        }
    }

    private AuditReport Run()
    {
        string[] files = _folder.Files();
        if (files.Length == 0 && _head is null)
            throw new TriggerException(ErrorCode.NotFound, $"there is no audit in {_folder.Path}",
                fix: "name the broker's state folder with --state, or the audit's own with --folder");
        AuditFault? fault = null;
        for (int i = 0; i < files.Length && fault is null; i++) fault = Check(files[i]);
        return new(files.Length, _lines, _first, _last, _hash, fault ?? CheckBeginning() ?? CheckEnd());
    }

    private AuditFault? Check(string file)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(file);
        for (long number = 1; !rest.IsEmpty; number++)
        {
            int end = rest.IndexOf((byte)'\n');
            // The broker may be writing it; if it was cut off later, the head tells.
            if (end < 0) return file == _folder.Current ? null : new(file, number, "the line is not finished", "");
            if (Check(file, number, rest[..end]) is { } fault) return fault;
            rest = rest[(end + 1)..];
        }
        return null;
    }

    private AuditFault? Check(string file, long number, ReadOnlySpan<byte> line)
    {
        AuditEntry entry;
        string hash;
        try
        {
            entry = AuditLine.Read(line, out hash);
        }
        catch (TriggerException problem)
        {
            return new(file, number, problem.Message, problem.Why ?? "");
        }
        long expected = (_last?.Seq ?? entry.Seq - 1) + 1;
        if (entry.Seq > expected)
            return new(file, number, $"lines {expected} to {entry.Seq - 1} are missing before it",
                $"it is line {entry.Seq}");
        if (entry.Seq < expected)
            return new(file, number, "it is not in its place", $"it is line {entry.Seq}, behind {expected - 1}");
        if (_last is not null && entry.Prev != _hash)
            return new(file, number, "the line before it is another one", "its hash is not the one that this line has");
        if (_head?.Seq == entry.Seq && _head.Hash != hash)
            return new(file, number, "it is not the line that was written last", "its hash is not the one in head");
        if (_first is null) (_first, _firstFile) = (entry, file);
        if (entry.Removed is { } removal) _removals.Add(removal);
        (_last, _hash) = (entry, hash);
        _lines++;
        return null;
    }

    /// <summary>Lines at the beginning may be gone when a later line says so.</summary>
    private AuditFault? CheckBeginning() => _first is not { } first
        || (first.Seq == 1 && first.Prev == AuditLine.NoHash)
        || _removals.Contains(new(first.Seq - 1, first.Prev)) ? null
        : new(_firstFile, 1, $"lines 1 to {first.Seq - 1} are missing", "no line says that they were removed");

    private AuditFault? CheckEnd()
    {
        if (_head is null) return new(_folder.HeadFile, 0, "it cannot be read", "it tells which line was the last");
        long last = _last?.Seq ?? 0;
        return _head.Seq <= last ? null
            : new(_folder.HeadFile, 0, $"lines {last + 1} to {_head.Seq} are missing at the end",
                "head tells the number of the last");
    }
}
