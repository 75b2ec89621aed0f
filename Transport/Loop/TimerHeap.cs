namespace TriggerFs.Transport.Loop;

/// <summary>
/// Timers by when they are due: a binary heap in which each timer knows its place, so that removing is cheap.
/// </summary>
sealed class TimerHeap
{
    private LoopTimer[] _heap = new LoopTimer[16];
    private int _count;

    /// <summary>The timer that is due first, or null.</summary>
    public LoopTimer? First => _count == 0 ? null : _heap[0];

    public void Add(LoopTimer timer)
    {
        if (_count == _heap.Length) Array.Resize(ref _heap, _count * 2);
        Rise(timer, _count++);
    }

    public void Remove(LoopTimer timer)
    {
        int place = timer.Place;
        if (place < 0) return;
        timer.Place = -1;
        LoopTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (last == timer) return;
        Sink(last, place);
        if (last.Place == place) Rise(last, place);
    }

    private void Rise(LoopTimer timer, int place)
    {
        while (place > 0)
        {
            int above = (place - 1) / 2;
            if (_heap[above].DueTicks <= timer.DueTicks) break;
            Put(_heap[above], place);
            place = above;
        }
        Put(timer, place);
    }

    private void Sink(LoopTimer timer, int place)
    {
        while (true)
        {
            int below = (2 * place) + 1;
            if (below >= _count) break;
            if (below + 1 < _count && _heap[below + 1].DueTicks < _heap[below].DueTicks) below++;
            if (_heap[below].DueTicks >= timer.DueTicks) break;
            Put(_heap[below], place);
            place = below;
        }
        Put(timer, place);
    }

    private void Put(LoopTimer timer, int place)
    {
        _heap[place] = timer;
        timer.Place = place;
    }
}
