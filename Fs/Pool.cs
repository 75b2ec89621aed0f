namespace TriggerFs.Fs;

/// <summary>
/// Objects that are used again, so that what comes with each request allocates nothing in steady state. From any
/// thread.
/// </summary>
sealed class Pool<T>(Func<T> make) where T : class
{
    /// <summary>Objects kept for later at the most; more are left to the collector.</summary>
    private const int KeptMax = 1024;

    // A stack under a lock, because ConcurrentBag and ConcurrentStack allocate for each push.
    private readonly Lock _gate = new();
    private readonly Stack<T> _free = new();

    public T Take()
    {
        lock (_gate)
        {
            if (_free.TryPop(out T? value)) return value;
        }
        return make();
    }

    /// <summary>Nobody uses it any more.</summary>
    public void Return(T value)
    {
        lock (_gate)
        {
            if (_free.Count < KeptMax) _free.Push(value);
        }
    }
}
