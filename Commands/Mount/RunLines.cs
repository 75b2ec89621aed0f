using System.Buffers;
using TriggerFs.Core;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Cuts the output of one request's runs into lines, each stream of each worker by itself, for the journal. On the
/// link's loop thread. Used again.
/// </summary>
sealed class RunLines
{
    /// <summary>
    /// Bytes of a line at which it is shown though it has not ended: a journal has lines, not megabytes.
    /// </summary>
    private const int LineMax = 16 * 1024;

    private readonly List<Stream> _streams = [];
    private int _count;

    /// <summary>Shows one line of a worker.</summary>
    public delegate void Show(ReadOnlySpan<byte> worker, ReadOnlySpan<byte> line);

    public void Take(ReadOnlySpan<byte> worker, bool isError, ReadOnlySpan<byte> bytes, Show show)
    {
        Stream? stream = Find(worker, isError);
        while (bytes.IndexOf((byte)'\n') is >= 0 and int end)
        {
            if (stream is { Held.WrittenCount: > 0 })
            {
                stream.Held.Write(bytes[..end]);
                Flush(stream, show);
            }
            else
            {
                show(worker, bytes[..end]);
            }
            bytes = bytes[(end + 1)..];
        }
        if (bytes.IsEmpty) return;
        stream ??= Add(worker, isError);
        while (!bytes.IsEmpty)
        {
            int length = Math.Min(bytes.Length, LineMax - stream.Held.WrittenCount);
            stream.Held.Write(bytes[..length]);
            bytes = bytes[length..];
            if (stream.Held.WrittenCount == LineMax) Flush(stream, show);
        }
    }

    /// <summary>A worker's run has ended: what it began of a line is a line.</summary>
    public void End(ReadOnlySpan<byte> worker, Show show)
    {
        for (int i = 0; i < _count; i++)
            if (_streams[i].Worker.SequenceEqual(worker) && _streams[i].Held.WrittenCount > 0) Flush(_streams[i], show);
    }

    public void Clear()
    {
        for (int i = 0; i < _count; i++) _streams[i].Held.ResetWrittenCount();
        _count = 0;
    }

    private static void Flush(Stream stream, Show show)
    {
        show(stream.Worker, stream.Held.WrittenSpan);
        stream.Held.ResetWrittenCount();
    }

    private Stream? Find(ReadOnlySpan<byte> worker, bool isError)
    {
        for (int i = 0; i < _count; i++)
            if (_streams[i].IsError == isError && _streams[i].Worker.SequenceEqual(worker)) return _streams[i];
        return null;
    }

    private Stream Add(ReadOnlySpan<byte> worker, bool isError)
    {
        if (_count == _streams.Count) _streams.Add(new());
        Stream stream = _streams[_count++];
        stream.Begin(worker, isError);
        return stream;
    }

    /// <summary>One stream of one worker: the beginning of a line that has no end yet.</summary>
    private sealed class Stream
    {
        private readonly byte[] _worker = new byte[Limits.NameMax];
        private int _workerLength;

        public ReadOnlySpan<byte> Worker => _worker.AsSpan(0, _workerLength);

        public bool IsError { get; private set; }

        public ArrayBufferWriter<byte> Held { get; } = new();

        public void Begin(ReadOnlySpan<byte> worker, bool isError)
        {
            _workerLength = Math.Min(worker.Length, _worker.Length);
            worker[.._workerLength].CopyTo(_worker);
            IsError = isError;
        }
    }
}
