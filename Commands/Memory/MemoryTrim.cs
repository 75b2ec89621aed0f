namespace TriggerFs.Commands.Memory;

/// <summary>
/// Gives memory back when a program that runs for years has nothing to do: what is collected goes to the system, and
/// the code and constants that only the start, or the last burst of work, needed leave its resident memory. On a small
/// device that runs a worker and a mount this is a third of what they hold.
/// </summary>
sealed class MemoryTrim : IDisposable
{
    // A compacting collection of so much takes milliseconds; a larger heap is in use, and its pause would be felt.
    private const long HeapMax = 64 << 20;

    private readonly QuietTimes _quiet = new();
    private readonly GarbageLimit _garbage = new();
    private readonly Timer _timer;
    private bool _isCollecting;

    private MemoryTrim() => _timer = new(_ => Look(), null, QuietTimes.Interval, QuietTimes.Interval);

    /// <summary>From now on until it is disposed of.</summary>
    public static MemoryTrim WhenQuiet() => new();

    public void Dispose() => _timer.Dispose();

    /// <summary>Gives back now.</summary>
    internal void GiveBack()
    {
        if (GC.GetTotalMemory(false) <= HeapMax)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        // What is needed again is mapped again, mostly without reading the disk.
        foreach (FilePages pages in FilePages.Find(File.ReadLines("/proc/self/smaps"), Environment.ProcessPath))
            _ = Native.Advise(pages.Start, pages.Length, Native.MADV_DONTNEED);
    }

    private void Look()
    {
        bool isTime = _quiet.IsTime(Environment.CpuUsage.TotalTime);
        if (_isCollecting)
        {
            _isCollecting = false;
            GiveBack();
        }
        else if (isTime) BeginToGiveBack();
        else if (_garbage.IsTime(GC.CollectionCount(0), GC.GetTotalAllocatedBytes())) GC.Collect(0);
    }

    /// <summary>
    /// Garbage counts as memory until it is collected: much of it in the background, where nobody waits for it, until
    /// the next look.
    /// </summary>
    private void BeginToGiveBack()
    {
        _isCollecting = GC.GetTotalMemory(false) > HeapMax;
        if (_isCollecting) GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        else GiveBack();
    }
}
