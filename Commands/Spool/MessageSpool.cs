using Microsoft.Win32.SafeHandles;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Spool;

/// <summary>A message of the spool that is to be sent.</summary>
readonly record struct SpooledMessage(ulong Sequence, NodeId Trigger, long WrittenUnixMs);

/// <summary>How a spool is, for people.</summary>
/// <param name="Depth">Messages that nobody else answers for yet.</param>
/// <param name="Bytes">On the disk.</param>
/// <param name="OldestUnixMs">When the oldest was written; 0 when there is none.</param>
/// <param name="Appended">Messages taken since it was opened.</param>
/// <param name="Damaged">Records that were found not to be what was written.</param>
readonly record struct SpoolStatus(long Depth, long Bytes, long OldestUnixMs, ulong Appended, long Damaged);

/// <summary>
/// Messages on the disk, from the moment in which they were written until somebody else answers for them: appended,
/// sent in their order, and forgotten when they are done. What is in it survives a kill -9; how much a power cut takes
/// is the <see cref="SyncRule"/>. Used under its owner's lock, but for <see cref="Sync"/>.
/// </summary>
sealed class MessageSpool : IDisposable
{
    private readonly SpoolOptions _options;
    private readonly Action<SafeFileHandle> _flush;
    private readonly FileStream _lock;
    private readonly HeadFile _headFile;
    private readonly List<Segment> _segments = [];
    private readonly List<Segment> _unsynced = [];
    private readonly SegmentReader _reader = new();
    private readonly Window _window;
    private Head _head;
    private byte[] _scratch = new byte[4096];

    /// <summary>From here on messages are on the disk alone, because the window was full.</summary>
    private (Segment Segment, long At)? _beyond;

    /// <summary>The sequence that was read last from there: a record that is not above it has strayed.</summary>
    private ulong _loaded;

    private ulong _sequence;
    private ulong _appended;
    private long _depth;
    private long _bytes;
    private long _damaged;

    private MessageSpool(
        SpoolOptions options, FileStream exclusive, Recovery found, Action<SafeFileHandle> flush)
    {
        _options = options;
        _flush = flush;
        _lock = exclusive;
        _window = new(options.WindowMax);
        (_headFile, _head) = HeadFile.Open(options.Folder, (found.Spool, found.HighestSequence));
        _sequence = (ulong)_head.Opening << 32;
        _segments.AddRange(found.Segments);
        _unsynced.AddRange(found.Segments);
        _depth = found.Messages;
        _damaged = found.Damaged;
        _bytes = _segments.Sum(static segment => segment.End);
        if (_segments.Count > 0) _beyond = (_segments[0], Segment.HeaderSize);
        DeleteEmpty();
    }

    /// <summary>Opens a spool or makes it; null when another process has it open.</summary>
    /// <param name="say">Hears what was found damaged.</param>
    /// <param name="flush">fsync(2) of a file; null for the real one.</param>
    public static MessageSpool? TryOpen(
        SpoolOptions options, Action<string> say, Action<SafeFileHandle>? flush = null)
    {
        if (SpoolFolder.Lock(options.Folder) is not { } exclusive) return null;
        try
        {
            return new(options, exclusive, Recovery.Of(options.Folder, say), flush ?? SpoolFolder.Flush);
        }
        catch (Exception problem)
        {
            exclusive.Dispose();
            if (problem is not (IOException or UnauthorizedAccessException)) throw;
            throw SpoolFolder.Unusable(options.Folder, problem);
        }
    }

    public ulong Id => _head.Spool;

    /// <summary>Every message with a lower sequence is done; the broker need not remember it.</summary>
    public ulong Floor => _head.Floor;

    /// <summary>Messages that nobody else answers for yet.</summary>
    public long Depth => _depth;

    /// <summary>The sequence of the message that <see cref="TryNext"/> would give; null when there is none.</summary>
    public ulong? NextSequence
    {
        get
        {
            if (!_window.IsFull) LoadBeyond();
            return _window.TryNext(out int index) ? _window[index].Sequence : null;
        }
    }

    /// <summary>The sequence that was given last.</summary>
    public ulong LastSequence => _sequence;

    public SpoolStatus Status => new(_depth, _bytes, OldestUnixMs(), _appended, _damaged);

    /// <summary>The id by which the broker knows a message, however often it is sent.</summary>
    public MessageId IdOf(ulong sequence) => new(new UInt128(_head.Spool, sequence));

    /// <summary>Whether a message of so many bytes would be taken.</summary>
    public bool HasRoomFor(int bytes) => _bytes + SpoolRecord.HeaderSize + bytes <= _options.BytesMax || _depth == 0;

    /// <summary>
    /// Takes a message; it is with the kernel when this returns. Its sequence; null when there is no room. A disk that
    /// refuses is thrown as <see cref="IOException"/>, and nothing was taken.
    /// </summary>
    public ulong? Append(NodeId trigger, long writtenUnixMs, ReadOnlySpan<byte> payload)
    {
        if (!HasRoomFor(payload.Length)) return null;
        var record = new SpoolRecord(_sequence + 1, trigger.Value, writtenUnixMs, payload.Length);
        if (_scratch.Length < record.Size) _scratch = new byte[record.Size * 2];
        Span<byte> bytes = _scratch.AsSpan(0, record.Size);
        record.Write(bytes, payload);
        Segment segment = Newest(record.Size);
        long at = segment.Append(bytes);
        if (_unsynced.Count == 0 || _unsynced[^1] != segment) _unsynced.Add(segment);
        _sequence++;
        _appended++;
        _bytes += record.Size;
        Remember(segment, at, record);
        return record.Sequence;
    }

    /// <summary>
    /// The next message to send, which counts as sent from here on. The payload is valid until the next call.
    /// </summary>
    public bool TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            message = default;
            payload = default;
            if (NextSequence is null || !_window.TryNext(out int index)) return false;
            ref Entry entry = ref _window[index];
            if (_reader.Read(entry.Segment, entry.At, out SpoolRecord record, out _, out payload) == Found.Record)
            {
                entry.State = EntryState.Sent;
                message = new(record.Sequence, new(record.Trigger), record.WrittenUnixMs);
                return true;
            }
            _damaged++; // It was whole when it was written: the disk lost it since.
            Done(entry.Sequence);
        }
    }

    /// <summary>What a message of the window says; empty when it is not there. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(ulong sequence)
    {
        int index = _window.Find(sequence);
        if (index < 0) return default;
        _reader.Read(_window[index].Segment, _window[index].At, out _, out _, out ReadOnlySpan<byte> payload);
        return payload;
    }

    /// <summary>
    /// Somebody else answers for the message, or it was given up. What is done already is left alone.
    /// </summary>
    public void Done(ulong sequence)
    {
        int index = _window.Find(sequence);
        if (index < 0 || _window[index].State == EntryState.Done) return;
        ref Entry entry = ref _window[index];
        entry.State = EntryState.Done;
        entry.Segment.Live--;
        _depth--;
        ulong floor = _head.Floor;
        while (_window.Count > 0 && _window[0].Sequence is var oldest && _window.TryDropDone()) floor = oldest + 1;
        _head = _head with { Floor = _depth == 0 ? _sequence + 1 : floor };
        DeleteEmpty();
    }

    /// <summary>
    /// Gives up messages of a trigger, the oldest first, until one of so many bytes fits, or none is left that is not
    /// with the broker. The disk gets room in whole segments, so these may be many.
    /// </summary>
    /// <param name="gaveUp">Hears the sequence of each.</param>
    public void DropOldest(NodeId trigger, int bytes, Action<ulong> gaveUp)
    {
        for (int index = 0; !HasRoomFor(bytes);)
        {
            if (!_window.IsFull) LoadBeyond();
            index = _window.FindWaiting(trigger.Value, index);
            if (index < 0) return;
            ulong sequence = _window[index].Sequence;
            int count = _window.Count;
            Done(sequence);
            gaveUp(sequence);
            index = Math.Max(0, index - (count - _window.Count));
        }
    }

    /// <summary>All that was sent and is not done is sent again, from the oldest on.</summary>
    public void SendAgain() => _window.SendAgain();

    /// <summary>
    /// Writes the floor down. Nothing is lost when that is late: what is sent twice is known by its id.
    /// </summary>
    public void Save() => _headFile.Write(_head);

    /// <summary>What is to be brought to the disk, and the highest sequence in it; under the owner's lock.</summary>
    public (Segment[] Segments, ulong Sequence) TakeUnsynced()
    {
        Segment[] segments = [.. _unsynced];
        _unsynced.Clear();
        return (segments, _sequence);
    }

    /// <summary>Brings segments to the disk; not under the lock, because that takes long.</summary>
    /// <returns>Those that are not on it, for <see cref="GiveBack"/>, and why; none and null when all are.</returns>
    public (Segment[] Failed, IOException? Why) Sync(Segment[] segments)
    {
        if (segments.Length == 0) return (segments, null);
        List<Segment>? failed = null;
        IOException? why = null;
        foreach (Segment segment in segments)
        {
            if (Sync(segment) is not { } refused) continue;
            (failed ??= []).Add(segment);
            why ??= refused;
        }
        try
        {
            SpoolFolder.Sync(_options.Folder);
        }
        catch (IOException refused)
        {
            foreach (Segment segment in segments) segment.Doubt();
            return (segments, why ?? refused);
        }
        return (failed is null ? [] : [.. failed], why);
    }

    /// <summary>Segments that the disk refused are brought to it again; under the owner's lock.</summary>
    public void GiveBack(Segment[] failed) => _unsynced.InsertRange(0, failed.Except(_unsynced));

    public void Dispose()
    {
        Save();
        Sync(TakeUnsynced().Segments); // What is refused now is with the kernel all the same.
        _headFile.Dispose();
        foreach (Segment segment in _segments) segment.Dispose();
        _reader.Dispose();
        _lock.Dispose();
    }

    private IOException? Sync(Segment segment)
    {
        try
        {
            segment.Sync(_flush);
        }
        catch (ObjectDisposedException)
        {
            // Deleted meanwhile: all in it is done.
        }
        catch (IOException refused)
        {
            return refused;
        }
        return null;
    }

    /// <summary>The segment to append to; a full one is left behind, and one that the disk refused.</summary>
    private Segment Newest(int size)
    {
        // Also to one of an earlier process: it ends with a whole record, because a torn tail was cut.
        if (_segments.Count > 0 && !_segments[^1].IsDoubtful
            && (_segments[^1].End == Segment.HeaderSize || _segments[^1].End + size <= _options.SegmentBytes))
            return _segments[^1];
        Segment next = Segment.Create(_options.Folder, _head.Spool, _sequence + 1);
        _segments.Add(next);
        _bytes += Segment.HeaderSize;
        DeleteEmpty();
        return next;
    }

    private void Remember(Segment segment, long at, in SpoolRecord record)
    {
        _depth++;
        segment.Live++;
        if (_beyond is not null) return;
        if (_window.IsFull) _beyond = (segment, at);
        else _window.Add(EntryOf(record, segment, at));
    }

    /// <summary>Learns the places of messages that are on the disk alone, as many as the window takes.</summary>
    private void LoadBeyond()
    {
        while (_beyond is var (segment, at) && !_window.IsFull)
        {
            Found found = _reader.Read(segment, at, out SpoolRecord record, out int size, out _);
            if (found == Found.End)
            {
                int next = _segments.IndexOf(segment) + 1;
                _beyond = next < _segments.Count ? (_segments[next], Segment.HeaderSize) : null;
                continue;
            }
            _beyond = (segment, at + size);
            if (found != Found.Record || record.Sequence <= _loaded) continue;
            _loaded = record.Sequence;
            if (record.Sequence >= _head.Floor)
                _window.Add(EntryOf(record, segment, at));
        }
    }

    private static Entry EntryOf(in SpoolRecord record, Segment segment, long at) => new()
    {
        Sequence = record.Sequence,
        Trigger = record.Trigger,
        Segment = segment,
        At = at,
        Size = record.Size,
    };

    private void DeleteEmpty()
    {
        for (int i = _segments.Count - 2; i >= 0; i--)
        {
            Segment segment = _segments[i];
            if (segment.Live > 0) continue;
            if (_beyond?.Segment == segment) _beyond = (_segments[i + 1], Segment.HeaderSize);
            _segments.RemoveAt(i);
            _bytes -= segment.End;
            segment.Delete();
        }
    }

    private long OldestUnixMs()
    {
        if (_window.Count == 0) LoadBeyond();
        if (_window.Count == 0) return 0;
        Entry oldest = _window[0];
        return _reader.Read(oldest.Segment, oldest.At, out SpoolRecord record, out _, out _) == Found.Record
            ? record.WrittenUnixMs : 0;
    }
}
