using System.Globalization;

namespace TriggerFs.Commands.Spool;

/// <summary>
/// What earlier processes left in a spool's folder, read to the last byte: a tail that was torn is cut, a record that
/// is not what was written is passed over, and all else is there.
/// </summary>
sealed class Recovery
{
    private readonly Action<string> _say;
    private readonly ulong _floor;

    private Recovery(Head? head, Action<string> say)
    {
        _floor = head?.Floor ?? 0;
        Spool = head?.Spool ?? 0;
        _say = say;
    }

    /// <summary>The spool by its head; by its first segment when that cannot be read; 0 when there are none.</summary>
    public ulong Spool { get; private set; }

    /// <summary>In the order in which they were written.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>Messages that are not known to be done.</summary>
    public long Messages { get; private set; }

    public long Damaged { get; private set; }

    public ulong LastSequence { get; private set; }

    /// <summary>The highest sequence that was ever given, by what is in the segments and by their names.</summary>
    public ulong HighestSequence { get; private set; }

    public static Recovery Of(string folder, Action<string> say)
    {
        var found = new Recovery(HeadFile.Peek(folder), say);
        using var reader = new SegmentReader();
        Segment.DeleteUnfinished(folder);
        foreach (string path in Segment.In(folder))
        {
            found.Take(path, reader);
            ulong highest = Math.Max(found.LastSequence, Segment.NumberOf(path));
            found.HighestSequence = Math.Max(found.HighestSequence, highest);
        }
        return found;
    }

    private void Take(string path, SegmentReader reader)
    {
        if (Segment.TryOpen(path) is not var (segment, spool))
        {
            // A crash between making the file and writing its first bytes; there can be nothing in it.
            if (new FileInfo(path).Length < Segment.HeaderSize) File.Delete(path);
            else _say($"W: {path} is not a segment of a spool and is left alone");
            return;
        }
        if (Spool == 0) Spool = spool;
        if (spool != Spool)
        {
            _say($"W: {path} belongs to another spool and is left alone");
            segment.Dispose();
            return;
        }
        Segments.Add(segment);
        Read(segment, reader);
    }

    private void Read(Segment segment, SegmentReader reader)
    {
        long at = Segment.HeaderSize, whole = at;
        int damaged = 0;
        for (Found found; (found = reader.Read(segment, at, out SpoolRecord record, out int size, out _)) != Found.End;)
        {
            at += size;
            if (found == Found.Damaged || record.Sequence <= LastSequence)
            {
                damaged++;
                continue;
            }
            Damaged += damaged;
            if (damaged > 0) _say($"W: {damaged} messages in {segment.Path} are damaged and cannot be sent");
            (whole, damaged, LastSequence) = (at, 0, record.Sequence);
            if (record.Sequence < _floor) continue;
            segment.Live++;
            Messages++;
        }
        if (whole == segment.End) return;
        _say(string.Create(CultureInfo.InvariantCulture,
            $"W: the last {segment.End - whole} bytes of {segment.Path} were not written whole and are cut off"));
        segment.Cut(whole);
    }
}
