using System.Buffers;

namespace TriggerFs.Commands.Client;

/// <summary>Where the lines of a <see cref="LineMixer"/> go, a piece at a time: most lines are one piece.</summary>
interface ILineTarget
{
    /// <param name="begins">The piece is the first of its line.</param>
    /// <param name="ends">It is the last: the line's end is written behind it.</param>
    void Write(string worker, bool isError, ReadOnlySpan<byte> piece, bool begins, bool ends);

    /// <summary>A chunk was passed on, or is held within the mixer's own bound.</summary>
    void Done(OutputChunk chunk);
}

/// <summary>
/// Brings the output of several workers together so that no line has another in it. A line that is longer than what is
/// held takes the floor: it is passed on as it comes, while the others wait for its end, held back by their windows.
/// </summary>
/// <param name="isEager">
/// Passes parts of lines on at once: for a single worker on a terminal, whose prompts and dots are to be seen.
/// </param>
sealed class LineMixer(ILineTarget target, bool isEager)
{
    /// <summary>Bytes of an unfinished line that are held for each stream.</summary>
    private const int HeldMax = 64 * 1024;

    private readonly Dictionary<(string Worker, bool IsError), Source> _sources = [];
    private Source? _floor;
    private int _waitingCount;

    /// <summary>Lines that were begun.</summary>
    public long LineCount { get; private set; }

    /// <summary>A line was passed on in part.</summary>
    public bool IsMidLine => _floor is not null;

    public void Take(OutputChunk chunk)
    {
        if (!_sources.TryGetValue((chunk.Worker, chunk.IsError), out Source? source))
            _sources.Add((chunk.Worker, chunk.IsError), source = new(chunk.Worker, chunk.IsError));
        source.HasEnded = false; // Somebody who ended may be given a second attempt.
        if (isEager && _floor is { } open && open != source) Write(open, [], ends: true);
        if (_floor is null || _floor == source)
        {
            Pass(source, chunk);
            if (_floor is null && _waitingCount > 0) Settle();
        }
        else
        {
            source.Waiting.Enqueue(chunk);
            _waitingCount++;
        }
    }

    /// <summary>A worker's run has ended: what it began of a line is a line.</summary>
    public void End(string worker)
    {
        foreach (Source source in _sources.Values.Where(source => source.Worker == worker)) source.HasEnded = true;
        Settle();
    }

    /// <summary>Nothing follows from anybody.</summary>
    public void EndAll()
    {
        foreach (Source source in _sources.Values) source.HasEnded = true;
        Settle();
    }

    private void Pass(Source source, OutputChunk chunk)
    {
        ReadOnlySpan<byte> rest = chunk.Bytes;
        for (int newline; (newline = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(newline + 1)..])
            Write(source, rest[..newline], ends: true);
        if (!rest.IsEmpty)
        {
            source.Held.Write(rest);
            if (isEager || _floor == source || source.Held.WrittenCount > HeldMax) Write(source, [], ends: false);
        }
        target.Done(chunk);
    }

    /// <summary>Passes on what is held of a line and some more of it.</summary>
    private void Write(Source source, ReadOnlySpan<byte> more, bool ends)
    {
        bool begins = _floor != source;
        if (begins) LineCount++;
        if (source.Held.WrittenCount == 0)
        {
            target.Write(source.Worker, source.IsError, more, begins, ends);
        }
        else
        {
            source.Held.Write(more);
            target.Write(source.Worker, source.IsError, source.Held.WrittenSpan, begins, ends);
            source.Held.ResetWrittenCount();
        }
        _floor = ends ? null : source;
    }

    /// <summary>Closes the lines of those that have ended, and gives those that waited their turn.</summary>
    private void Settle()
    {
        bool moved;
        do
        {
            moved = false;
            foreach (Source source in _sources.Values)
            {
                while ((_floor is null || _floor == source) && source.Waiting.TryDequeue(out OutputChunk? chunk))
                {
                    _waitingCount--;
                    Pass(source, chunk);
                    moved = true;
                }
                bool hasBegun = _floor == source || (_floor is null && source.Held.WrittenCount > 0);
                if (!source.HasEnded || source.Waiting.Count > 0 || !hasBegun) continue;
                Write(source, [], ends: true);
                moved = true;
            }
        }
        while (moved);
    }

    /// <summary>One stream of one worker.</summary>
    private sealed class Source(string worker, bool isError)
    {
        public string Worker => worker;

        public bool IsError => isError;

        /// <summary>The beginning of a line that has no end yet.</summary>
        public ArrayBufferWriter<byte> Held { get; } = new();

        public Queue<OutputChunk> Waiting { get; } = new();

        public bool HasEnded { get; set; }
    }
}
