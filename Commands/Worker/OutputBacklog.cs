using System.Buffers;
using System.Numerics;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// The output of one run that its reader has not confirmed: a ring of bytes that grows from small up to the run's
/// window, and which of them are standard error. Offsets count both streams together from the run's first byte.
/// </summary>
sealed class OutputBacklog(int window) : IDisposable
{
    private const int FirstSize = 1024;

    private readonly StreamMarks _marks = new();
    private byte[] _ring = [];
    private int _size;
    private bool _filledLastRoom;
    private int _lastRoom;

    /// <summary>The offset of the oldest byte that is kept.</summary>
    public ulong Start { get; private set; }

    /// <summary>The offset behind the newest byte.</summary>
    public ulong End { get; private set; }

    /// <summary>Bytes of memory held.</summary>
    public int Size => _size;

    private int Used => (int)(End - Start);

    /// <summary>Space for more output, in one piece; empty when the window is used up.</summary>
    public Span<byte> Room(int max)
    {
        int allowed = Math.Min(max, window - Used);
        if (allowed <= 0) return default;
        if (Used == _size || (_filledLastRoom && _size < window)) Grow();
        int at = Place(End);
        _lastRoom = Math.Min(Math.Min(allowed, _size - Used), _size - at);
        return _ring.AsSpan(at, _lastRoom);
    }

    /// <summary>The first bytes of the last room are output now.</summary>
    public void Write(int length, bool isError)
    {
        if (length <= 0) return;
        _filledLastRoom = length == _lastRoom;
        _marks.Add(End, isError);
        End += (ulong)length;
    }

    /// <summary>The reader has everything before an offset; what was not written yet cannot be confirmed.</summary>
    public void Confirm(ulong offset)
    {
        if (offset <= Start) return;
        Start = Math.Min(offset, End);
        _marks.DropBefore(Start);
    }

    /// <summary>Kept output of one stream from an offset on, as much as lies in one piece; false at the end.</summary>
    public bool TryPiece(ulong offset, out ReadOnlySpan<byte> bytes, out bool isError)
    {
        bytes = default;
        isError = false;
        if (offset < Start || offset >= End) return false;
        isError = _marks.IsError(offset, out ulong end);
        end = Math.Min(end, End);
        int at = Place(offset);
        int length = (int)Math.Min(end - offset, (ulong)Math.Min(Limits.OutputChunkMax, _size - at));
        bytes = _ring.AsSpan(at, length);
        return true;
    }

    /// <summary>Gives the memory back; what was kept is gone.</summary>
    public void Dispose()
    {
        if (_size > 0) ArrayPool<byte>.Shared.Return(_ring);
        _ring = [];
        _size = 0;
        Start = End;
    }

    private int Place(ulong offset) => (int)(offset & (ulong)(_size - 1));

    private void Grow()
    {
        int size = _size == 0 ? FirstSize : _size * 4;
        size = Math.Min(size, (int)BitOperations.RoundUpToPowerOf2((uint)window));
        if (size <= _size) return;
        byte[] ring = ArrayPool<byte>.Shared.Rent(size);
        for (ulong at = Start; at < End;)
        {
            int from = Place(at);
            int to = (int)(at & (ulong)(size - 1));
            int length = Math.Min((int)(End - at), Math.Min(_size - from, size - to));
            _ring.AsSpan(from, length).CopyTo(ring.AsSpan(to));
            at += (ulong)length;
        }
        if (_size > 0) ArrayPool<byte>.Shared.Return(_ring);
        _ring = ring;
        _size = size;
    }
}
