namespace TriggerFs.Commands.Worker;

/// <summary>
/// Where in a run's output standard output and standard error take turns: a queue of starts in rising order, in which
/// any offset is found by halving. A program that changes after every byte costs 8 bytes for each, bounded by the
/// window.
/// </summary>
sealed class StreamMarks
{
    // A start and its stream in one word: the offset above, the lowest bit for standard error.
    private ulong[] _marks = new ulong[2];
    private int _head;
    private int _count;

    /// <summary>Output from an offset on belongs to a stream, until the next mark.</summary>
    public void Add(ulong offset, bool isError)
    {
        if (_count > 0 && (At(_count - 1) & 1) == (isError ? 1u : 0u)) return;
        if (_count == _marks.Length) Grow();
        _marks[(_head + _count++) & (_marks.Length - 1)] = (offset << 1) | (isError ? 1u : 0u);
    }

    /// <summary>Forgets what ends at or before an offset.</summary>
    public void DropBefore(ulong offset)
    {
        while (_count > 1 && At(1) >> 1 <= offset)
        {
            _head = (_head + 1) & (_marks.Length - 1);
            _count--;
        }
    }

    /// <summary>The stream that an offset belongs to, and where that ends.</summary>
    public bool IsError(ulong offset, out ulong end)
    {
        int low = 0;
        int high = _count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (At(middle) >> 1 <= offset) low = middle;
            else high = middle - 1;
        }
        end = low + 1 < _count ? At(low + 1) >> 1 : ulong.MaxValue;
        return (At(low) & 1) != 0;
    }

    private ulong At(int index) => _marks[(_head + index) & (_marks.Length - 1)];

    private void Grow()
    {
        ulong[] larger = new ulong[_marks.Length * 2];
        for (int i = 0; i < _count; i++) larger[i] = At(i);
        _marks = larger;
        _head = 0;
    }
}
