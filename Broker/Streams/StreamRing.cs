using System.Numerics;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Streams;

/// <summary>Bytes that came together: when, from which worker, and of which kind.</summary>
/// <param name="Start">The offset of the first byte; they end where the next piece starts.</param>
/// <param name="SteadyMs">When they came.</param>
/// <param name="Flags">Those of <see cref="Output"/>.</param>
/// <param name="Worker">The worker's name in UTF-8.</param>
readonly record struct StreamPiece(ulong Start, long SteadyMs, byte Flags, byte[] Worker);

/// <summary>
/// The newest output of a stream, at most <see cref="Limits.StreamBytesMax"/> bytes in so many pieces; the oldest makes
/// room. Offsets count all that the stream ever wrote, from where it began.
/// </summary>
sealed class StreamRing(ulong start)
{
    /// <summary>Pieces that are kept, however small; more than anybody writes by hand.</summary>
    public const int PiecesMax = 16 * 1024;

    private const int FirstSize = 4096;
    private const byte Newline = (byte)'\n';

    private byte[] _bytes = [];
    private StreamPiece[] _pieces = new StreamPiece[16];
    private int _head;
    private int _count;

    /// <summary>The offset of the oldest byte that is kept.</summary>
    public ulong Start { get; private set; } = start;

    /// <summary>The offset behind the newest byte.</summary>
    public ulong End { get; private set; } = start;

    /// <summary>Where it began; what lies between this and <see cref="Start"/> had to make room.</summary>
    private ulong Origin { get; } = start;

    public void Add(ReadOnlySpan<byte> bytes, byte flags, byte[] worker, long steadyMs)
    {
        if (bytes.Length > Limits.StreamBytesMax) throw new ArgumentException("more than a stream keeps");
        if (bytes.IsEmpty) return;
        MakeRoom(bytes.Length);
        if (_count == 0 || !Continues(Piece(_count - 1), flags, worker, steadyMs))
            Add(new StreamPiece(End, steadyMs, flags, worker));
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
        {
            Span<byte> room = _bytes.AsSpan(Place(End));
            int length = Math.Min(rest.Length, room.Length);
            rest[..length].CopyTo(room);
            rest = rest[length..];
            End += (ulong)length;
        }
    }

    /// <summary>Kept bytes of one piece from an offset on, as many as lie together; false at the end.</summary>
    public bool TryRead(ulong offset, out StreamPiece piece, out ReadOnlySpan<byte> bytes)
    {
        piece = default;
        bytes = default;
        if (offset < Start || offset >= End) return false;
        int index = IndexOf(offset);
        ulong end = index + 1 < _count ? Piece(index + 1).Start : End;
        int at = Place(offset);
        int most = Math.Min(Limits.OutputChunkMax, _bytes.Length - at);
        piece = Piece(index);
        bytes = _bytes.AsSpan(at, (int)Math.Min(end - offset, (ulong)most));
        return true;
    }

    /// <summary>
    /// Where somebody begins who wants some whole lines from before, none of them older than a moment; a line that has
    /// no end yet comes from its beginning.
    /// </summary>
    public ulong From(uint lines, long notBeforeMs)
    {
        ulong floor = FirstSince(notBeforeMs);
        if (lines == Listen.AllLines) return floor;
        ulong at = LineStart(End, floor);
        for (uint found = 0; found < lines && at > floor;)
        {
            at = LineStart(at - 1, floor);
            if (!IsNotice(at)) found++; // What the broker says in between is no line of the stream.
        }
        return at;
    }

    private bool IsNotice(ulong offset) => offset < End && (Piece(IndexOf(offset)).Flags & Output.IsNotice) != 0;

    /// <summary>The beginning of the first line of which a part came at a moment or later.</summary>
    private ulong FirstSince(long steadyMs)
    {
        int index = _count;
        while (index > 0 && Piece(index - 1).SteadyMs >= steadyMs) index--;
        ulong first = index == _count ? End : Math.Max(Start, Piece(index).Start);
        ulong floor = Start;
        // Of the oldest line the beginning may have made room.
        if (Start > Origin && NewlineFrom(Start) is { } end) floor = Math.Min(end + 1, End);
        return first <= floor ? floor : LineStart(first, floor);
    }

    /// <summary>The offset behind the last newline before an offset, the floor when there is none.</summary>
    private ulong LineStart(ulong before, ulong floor)
    {
        while (before > floor)
        {
            int end = Place(before - 1) + 1;
            int length = (int)Math.Min((ulong)end, before - floor);
            int at = _bytes.AsSpan(end - length, length).LastIndexOf(Newline);
            if (at >= 0) return before - (ulong)(length - at - 1);
            before -= (ulong)length;
        }
        return floor;
    }

    private ulong? NewlineFrom(ulong offset)
    {
        while (offset < End)
        {
            int at = Place(offset);
            int length = (int)Math.Min(End - offset, (ulong)(_bytes.Length - at));
            int found = _bytes.AsSpan(at, length).IndexOf(Newline);
            if (found >= 0) return offset + (ulong)found;
            offset += (ulong)length;
        }
        return null;
    }

    private static bool Continues(in StreamPiece last, byte flags, byte[] worker, long steadyMs) =>
        last.SteadyMs == steadyMs && last.Flags == flags && last.Worker.AsSpan().SequenceEqual(worker);

    private void MakeRoom(int length)
    {
        ulong wanted = End - Start + (ulong)length;
        if (wanted > (ulong)_bytes.Length && _bytes.Length < Limits.StreamBytesMax) Grow(wanted);
        if (wanted > Limits.StreamBytesMax) Start += wanted - Limits.StreamBytesMax;
        if (_count == PiecesMax) Start = Math.Max(Start, _count > 1 ? Piece(1).Start : End);
        while (_count > 1 && Piece(1).Start <= Start) DropFirst();
        if (_count == 1 && Start == End) DropFirst();
    }

    private void DropFirst()
    {
        _pieces[_head] = default;
        _head = (_head + 1) & (_pieces.Length - 1);
        _count--;
    }

    private void Add(StreamPiece piece)
    {
        if (_count == _pieces.Length)
        {
            var larger = new StreamPiece[_pieces.Length * 2];
            for (int i = 0; i < _count; i++) larger[i] = Piece(i);
            (_pieces, _head) = (larger, 0);
        }
        _pieces[(_head + _count++) & (_pieces.Length - 1)] = piece;
    }

    private void Grow(ulong wanted)
    {
        int size = (int)Math.Min(BitOperations.RoundUpToPowerOf2(Math.Max(wanted, FirstSize)), Limits.StreamBytesMax);
        byte[] larger = new byte[size];
        for (ulong at = Start; at < End; at++) larger[(int)(at & (ulong)(size - 1))] = _bytes[Place(at)];
        _bytes = larger;
    }

    /// <summary>The piece that an offset lies in.</summary>
    private int IndexOf(ulong offset)
    {
        int low = 0, high = _count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (Piece(middle).Start <= offset) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private StreamPiece Piece(int index) => _pieces[(_head + index) & (_pieces.Length - 1)];

    private int Place(ulong offset) => (int)(offset & (ulong)(_bytes.Length - 1));
}
