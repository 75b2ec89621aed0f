using System.Diagnostics.CodeAnalysis;

namespace TriggerFs.Core;

/// <summary>Something that knows where it is in the heap that it is in.</summary>
interface IPlaced
{
    /// <summary>Its index, for the heap alone; -1 when it was taken out.</summary>
    int Place { get; set; }
}

/// <summary>
/// A binary heap out of which each item can be taken at once, because it knows its place. Does not allocate in steady
/// state.
/// </summary>
/// <param name="order">Below 0 when the first of two goes out first; those at 0 go out in any order.</param>
sealed class PlacedHeap<T>(Comparison<T> order)
    where T : class, IPlaced
{
    private readonly List<T> _items = [];

    public int Count => _items.Count;

    public T? First => _items.Count > 0 ? _items[0] : null;

    /// <summary>All that are in it, in no order.</summary>
    public IReadOnlyList<T> Items => _items;

    public void Add(T item)
    {
        _items.Add(item);
        item.Place = _items.Count - 1;
        Rise(item);
    }

    /// <summary>Takes an item out; nothing happens when it was taken out before.</summary>
    public void Remove(T item)
    {
        int place = item.Place;
        if (place < 0) return;
        item.Place = -1;
        T last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        if (last == item) return;
        Put(last, place);
        Rise(last);
        Sink(last);
    }

    public bool TryTake([NotNullWhen(true)] out T? item)
    {
        item = First;
        if (item is null) return false;
        Remove(item);
        return true;
    }

    private void Rise(T item)
    {
        int place = item.Place;
        while (place > 0 && order(item, _items[(place - 1) / 2]) < 0)
        {
            Put(_items[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }
        Put(item, place);
    }

    private void Sink(T item)
    {
        int place = item.Place;
        while ((2 * place) + 1 < _items.Count)
        {
            int child = (2 * place) + 1;
            if (child + 1 < _items.Count && order(_items[child + 1], _items[child]) < 0) child++;
            if (order(item, _items[child]) <= 0) break;
            Put(_items[child], place);
            place = child;
        }
        Put(item, place);
    }

    private void Put(T item, int place)
    {
        _items[place] = item;
        item.Place = place;
    }
}
