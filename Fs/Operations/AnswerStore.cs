using System.Globalization;
using System.Text.Unicode;
using TriggerFs.Core;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// The last answer of each trigger that this mount saw, for who reads it later. Bounded: of one answer the end is kept,
/// and of many the newest.
/// </summary>
sealed class AnswerStore
{
    /// <summary>Bytes kept of one answer: a screenful many times over.</summary>
    public const int AnswerMax = 64 * 1024;

    /// <summary>Bytes kept of all answers together: small on a Raspberry Pi, too.</summary>
    public const int TotalMax = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodeId, LinkedListNode<Kept>> _byTrigger = [];
    private readonly LinkedList<Kept> _oldestFirst = new();
    private int _total;

    public int Total
    {
        get
        {
            lock (_gate) return _total;
        }
    }

    /// <summary>Keeps an answer in place of the one before.</summary>
    /// <param name="exitCode">The highest of its runs.</param>
    /// <param name="run">The run that ended last.</param>
    public void Keep(NodeId trigger, AnswerBuffer answer, int exitCode, RunId run)
    {
        lock (_gate)
        {
            if (!_byTrigger.TryGetValue(trigger, out LinkedListNode<Kept>? node))
            {
                node = new(new(trigger));
                _byTrigger.Add(trigger, node);
            }
            else
            {
                _oldestFirst.Remove(node);
            }
            _oldestFirst.AddLast(node);
            _total -= node.Value.Bytes.Length;
            node.Value.Set(answer, exitCode, run);
            _total += node.Value.Bytes.Length;
            while (_total > TotalMax && _oldestFirst.First is { } oldest) Drop(oldest);
        }
    }

    /// <summary>A copy of the last answer; empty when there was none.</summary>
    public byte[] Last(NodeId trigger)
    {
        lock (_gate)
            return _byTrigger.TryGetValue(trigger, out LinkedListNode<Kept>? node) ? node.Value.ToArray() : [];
    }

    /// <summary>Bytes that the note about missing ones may have.</summary>
    public const int NoteMax = 80;

    /// <summary>
    /// Says, in place of bytes, that they are missing; nothing when none are, or when there is no room to say it.
    /// </summary>
    public static int NoteMissing(long bytes, Span<byte> into)
    {
        if (bytes == 0 || into.Length < NoteMax) return 0;
        IFormatProvider plain = CultureInfo.InvariantCulture;
        Utf8.TryWrite(into, plain, $"[triggerfs: {bytes} bytes before this are not kept]\n", out int length);
        return length;
    }

    /// <summary>How the last answer ended, and its run. False when there was none.</summary>
    public bool TryGetEnd(NodeId trigger, out int exitCode, out RunId run)
    {
        lock (_gate)
        {
            bool isKept = _byTrigger.TryGetValue(trigger, out LinkedListNode<Kept>? node);
            (exitCode, run) = isKept ? (node!.Value.ExitCode, node.Value.Run) : default;
            return isKept;
        }
    }

    private void Drop(LinkedListNode<Kept> node)
    {
        _total -= node.Value.Bytes.Length;
        _oldestFirst.Remove(node);
        _byTrigger.Remove(node.Value.Trigger);
    }

    /// <summary>One trigger's last answer; its array is used again while the answers fit.</summary>
    private sealed class Kept(NodeId trigger)
    {
        private int _length;
        private long _missing;

        public NodeId Trigger { get; } = trigger;

        public byte[] Bytes { get; private set; } = [];

        public int ExitCode { get; private set; }

        public RunId Run { get; private set; }

        public void Set(AnswerBuffer answer, int exitCode, RunId run)
        {
            (ExitCode, Run) = (exitCode, run);
            _length = answer.Bytes.Length;
            _missing = answer.Missing;
            if (_length > Bytes.Length) Bytes = new byte[_length];
            answer.Bytes.CopyTo(Bytes);
        }

        public byte[] ToArray()
        {
            if (_missing == 0) return Bytes[.._length];
            Span<byte> note = stackalloc byte[NoteMax];
            return [.. note[..NoteMissing(_missing, note)], .. Bytes.AsSpan(0, _length)];
        }
    }
}
