using System.Diagnostics.CodeAnalysis;

namespace TriggerFs.Fs;

/// <summary>
/// What is open, by the number that the kernel was given (fh). 0 is never given out. From any thread.
/// </summary>
sealed class HandleTable<T> where T : class
{
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new();
    private T?[] _slots = new T?[16];
    private int _used;

    public int Count
    {
        get
        {
            lock (_gate) return _used - _free.Count;
        }
    }

    public ulong Add(T value)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out int slot))
            {
                slot = _used++;
                if (slot == _slots.Length) Array.Resize(ref _slots, slot * 2);
            }
            _slots[slot] = value;
            return (ulong)slot + 1;
        }
    }

    public bool TryGet(ulong handle, [NotNullWhen(true)] out T? value)
    {
        T?[] slots = Volatile.Read(ref _slots);
        value = handle - 1 < (ulong)slots.Length ? Volatile.Read(ref slots[handle - 1]) : null;
        return value is not null;
    }

    public bool TryRemove(ulong handle, [NotNullWhen(true)] out T? value)
    {
        lock (_gate)
        {
            if (!TryGet(handle, out value)) return false;
            _slots[handle - 1] = null;
            _free.Push((int)(handle - 1));
            return true;
        }
    }

    /// <summary>All that is open, for the end of the mount.</summary>
    public List<T> All()
    {
        lock (_gate) return [.. _slots.OfType<T>()];
    }
}
