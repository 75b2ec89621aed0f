namespace TriggerFs.Fs.Operations;

/// <summary>
/// Memory of all handles together for one purpose, so that many open files cannot take it all. From any thread.
/// </summary>
sealed class KeptBytes
{
    /// <summary>In bytes: four of the largest messages, on a Raspberry Pi, too.</summary>
    public const long Max = 64 * 1024 * 1024;

    private long _total;

    public long Total => Interlocked.Read(ref _total);

    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _total, bytes) <= Max) return true;
        Return(bytes);
        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _total, -bytes);
}
