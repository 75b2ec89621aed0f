using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// Reads one socket for one <see cref="ZmtpConnection"/>. Bytes come into a scratch buffer that all connections of a
/// loop share; only the beginning of a frame that is not whole yet is kept, in memory that grows with what has come
/// and not with what was announced. A large frame is then read straight into its place.
/// </summary>
sealed unsafe class InputBuffer(ChunkPool pool, Chunk scratch)
{
    /// <summary>
    /// Bytes up to which a part is copied to the scratch buffer instead of being read on in its place.
    /// </summary>
    private const int CopiedMax = 8 * 1024;

    private Chunk? _kept;

    /// <summary>Bytes of the connection that have come and were not taken.</summary>
    public int Kept => _kept?.Length ?? 0;

    /// <summary>What is kept: it begins with the header of a frame.</summary>
    public ReadOnlySpan<byte> Part => _kept is { } kept ? kept.Used : [];

    /// <summary>
    /// Reads once and gives what came to the connection. Answers what recv(2) does: bytes, 0 at the end, or minus
    /// errno.
    /// </summary>
    public nint ReadOnce(int fd, ZmtpConnection connection)
    {
        if (_kept is { } small && connection.Wanted <= CopiedMax)
        {
            small.Used.CopyTo(scratch.Bytes);
            int before = small.Length;
            nint got = Receive(fd, scratch.Pointer + before, scratch.Bytes.Length - before);
            if (got <= 0) return got;
            Drop();
            Give(connection, scratch.Bytes.AsSpan(0, before + (int)got));
            return got;
        }
        if (_kept is { } large) return ReadOn(fd, connection, large);
        nint count = Receive(fd, scratch.Pointer, scratch.Bytes.Length);
        if (count > 0) Give(connection, scratch.Bytes.AsSpan(0, (int)count));
        return count;
    }

    /// <summary>Gives the connection again what it did not take.</summary>
    public void Retry(ZmtpConnection connection)
    {
        if (_kept is not { } kept) return;
        _kept = null;
        kept.Start += connection.Take(kept.Used);
        if (kept.Length == 0) pool.Return(kept);
        else _kept = kept;
    }

    public void Drop()
    {
        if (_kept is not null) pool.Return(_kept);
        _kept = null;
    }

    /// <summary>Reads the rest of a large frame into its place, and what follows it into the scratch buffer.</summary>
    private nint ReadOn(int fd, ZmtpConnection connection, Chunk part)
    {
        part = MakeRoom(part, connection.Wanted);
        int room = Math.Min(connection.Wanted - part.Length, part.Room);
        Native.IoVector* vectors = stackalloc Native.IoVector[2];
        vectors[0] = new() { Base = part.Pointer + part.End, Length = room };
        vectors[1] = new() { Base = scratch.Pointer, Length = scratch.Bytes.Length };
        var header = new Native.MessageHeader { Vectors = vectors, VectorCount = 2 };
        nint got = Native.ReceiveMessage(fd, &header, 0);
        if (got <= 0) return got < 0 ? -Native.Errno : 0;
        int here = (int)Math.Min(got, room);
        part.End += here;
        Span<byte> more = scratch.Bytes.AsSpan(0, (int)got - here);
        if (more.Length > 0) Append(part, ref more, connection.Wanted);
        if (_kept!.Length < connection.Wanted) return got;
        Retry(connection);
        if (_kept is { } left) Append(left, ref more, int.MaxValue);
        else if (more.Length > 0) Give(connection, more);
        return got;
    }

    private void Give(ZmtpConnection connection, Span<byte> bytes)
    {
        Span<byte> rest = bytes[connection.Take(bytes)..];
        if (rest.IsEmpty) return;
        Append(_kept = pool.Rent(rest.Length), ref rest, int.MaxValue);
    }

    /// <summary>
    /// Room for more of a frame: as much as has come, again, at the most, so that announcing costs nothing.
    /// </summary>
    private Chunk MakeRoom(Chunk part, int wanted) =>
        part.Room >= wanted - part.Length || part.Room >= part.Length
            ? part
            : Grow(part, Math.Min(wanted, part.Length * 2));

    private Chunk Grow(Chunk part, int size)
    {
        if (part.Bytes.Length - part.Start >= size) return part;
        Chunk larger = pool.Rent(size);
        part.Used.CopyTo(larger.Bytes);
        larger.End = part.Length;
        pool.Return(part);
        return _kept = larger;
    }

    private void Append(Chunk part, ref Span<byte> bytes, int lengthMax)
    {
        int count = Math.Min(bytes.Length, lengthMax - part.Length);
        if (part.Room < count) part = Grow(part, part.Length + count);
        bytes[..count].CopyTo(part.Bytes.AsSpan(part.End));
        part.End += count;
        bytes = bytes[count..];
    }

    private static nint Receive(int fd, byte* to, int length)
    {
        nint got = Native.Receive(fd, to, length, 0);
        return got < 0 ? -Native.Errno : got;
    }
}
