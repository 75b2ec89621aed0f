namespace TriggerFs.Commands.Memory;

/// <summary>
/// Decides when a process that is never quiet, but makes little garbage, collects it. The runtime begins by itself when
/// there is about as much as the processor's last cache holds: on a server these are tens of MiB, which at some
/// hundred messages a second come together in an hour, and look like a leak.
/// </summary>
sealed class GarbageLimit
{
    // To collect so little takes less than a millisecond; what makes as much in a second is left to the runtime.
    private const long GarbageMax = 4 << 20;

    private int _collections;
    private long _allocated;

    /// <summary>Whether to collect now.</summary>
    /// <param name="collections">How often the youngest generation was collected since the process began.</param>
    /// <param name="allocated">Bytes that were allocated since then.</param>
    public bool IsTime(int collections, long allocated)
    {
        if (collections == _collections) return allocated - _allocated > GarbageMax;
        (_collections, _allocated) = (collections, allocated);
        return false;
    }
}
