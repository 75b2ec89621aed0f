namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// What waits to be written to one connection: a chain of chunks, filled at the end and emptied at the front.
/// </summary>
sealed unsafe class OutputQueue(ChunkPool pool)
{
    private Chunk? _head;
    private Chunk? _tail;

    /// <summary>Bytes that wait.</summary>
    public long Length { get; private set; }

    /// <summary>Takes the next bytes in one piece, to be filled at once by the caller.</summary>
    public Span<byte> Append(int size)
    {
        if (_tail is null || _tail.Room < size) AddChunk(size);
        Span<byte> span = _tail!.Bytes.AsSpan(_tail.End, size);
        _tail.End += size;
        Length += size;
        return span;
    }

    public void Append(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));

    /// <summary>Points at what waits, from its front; answers how many vectors are filled.</summary>
    public int Gather(Native.IoVector* vectors, int max, out long bytes)
    {
        int count = 0;
        bytes = 0;
        for (Chunk? chunk = _head; chunk is not null && count < max; chunk = chunk.Next)
        {
            vectors[count++] = new() { Base = chunk.Pointer + chunk.Start, Length = chunk.Length };
            bytes += chunk.Length;
        }
        return count;
    }

    /// <summary>Drops bytes from the front: the kernel has them.</summary>
    public void Advance(long sent)
    {
        Length -= sent;
        while (_head is { } chunk && sent >= chunk.Length)
        {
            sent -= chunk.Length;
            _head = chunk.Next;
            pool.Return(chunk);
        }
        if (_head is null) _tail = null;
        else _head.Start += (int)sent;
    }

    public void Clear() => Advance(Length);

    /// <summary>The bytes that wait, copied; for tests.</summary>
    public byte[] ToArray()
    {
        var bytes = new List<byte>();
        for (Chunk? chunk = _head; chunk is not null; chunk = chunk.Next) bytes.AddRange(chunk.Used);
        return [.. bytes];
    }

    private void AddChunk(int size)
    {
        Chunk chunk = pool.Rent(size);
        if (_tail is null) _head = chunk;
        else _tail.Next = chunk;
        _tail = chunk;
    }
}
