using System.Text;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// Strings as a new program gets them: bytes that end in NUL, one after another, so that an array of pointers to them
/// is an argv or an environment. What is not UTF-8 passes unchanged.
/// </summary>
sealed class StringBlock
{
    private byte[] _bytes;
    private int[] _starts;
    private int _length;

    public StringBlock()
    {
        _bytes = new byte[256];
        _starts = new int[16];
    }

    /// <summary>A copy to which more can be added.</summary>
    public StringBlock(StringBlock from)
    {
        _bytes = new byte[from._length + 1024];
        _starts = new int[from.Count + 32];
        from.Bytes.CopyTo(_bytes);
        from.Starts.CopyTo(_starts);
        _length = from._length;
        Count = from.Count;
    }

    /// <summary>Strings so far.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Where each string begins in <see cref="Bytes"/>.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, Count);

    /// <summary>Adds one string made of two parts, such as a variable's <c>NAME=</c> and its value.</summary>
    /// <exception cref="ArgumentException">It has a NUL byte, which no program could be given.</exception>
    public void Add(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail = default)
    {
        if (head.Contains((byte)0) || tail.Contains((byte)0)) throw new ArgumentException("a NUL byte", nameof(head));
        int need = head.Length + tail.Length + 1;
        if (_bytes.Length - _length < need) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + need));
        if (Count == _starts.Length) Array.Resize(ref _starts, Count * 2);
        _starts[Count++] = _length;
        head.CopyTo(_bytes.AsSpan(_length));
        tail.CopyTo(_bytes.AsSpan(_length + head.Length));
        _bytes[_length + need - 1] = 0;
        _length += need;
    }

    public void Add(string head, string tail = "") => Add(Encoding.UTF8.GetBytes(head), Encoding.UTF8.GetBytes(tail));

    /// <summary>Goes through the strings, without their NUL.</summary>
    public Walk GetEnumerator() => new(this);

    /// <summary>One string after another.</summary>
    public ref struct Walk(StringBlock block)
    {
        private int _next;

        public ReadOnlySpan<byte> Current { get; private set; }

        public bool MoveNext()
        {
            if (_next == block.Count) return false;
            ReadOnlySpan<byte> rest = block._bytes.AsSpan(block._starts[_next++]);
            Current = rest[..rest.IndexOf((byte)0)];
            return true;
        }
    }

    /// <summary>The strings, for tests and messages.</summary>
    public string[] ToArray()
    {
        var all = new List<string>(Count);
        foreach (ReadOnlySpan<byte> text in this) all.Add(Encoding.UTF8.GetString(text));
        return [.. all];
    }
}
