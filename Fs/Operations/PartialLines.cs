namespace TriggerFs.Fs.Operations;

/// <summary>
/// The files with a line that has not ended, so that it goes after a second all the same. The clock runs only while
/// there are any.
/// </summary>
sealed class PartialLines : IDisposable
{
    /// <summary>How long a line may wait for its newline.</summary>
    public const int WaitMaxMs = 1000;

    private const int TickMs = 100;

    private readonly FileSystem _fs;
    private readonly Lock _gate = new();
    private readonly HashSet<OpenFile> _files = [];
    private readonly Timer _clock;

    public PartialLines(FileSystem fs)
    {
        _fs = fs;
        _clock = new(static self => ((PartialLines)self!).Tick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public void Add(OpenFile file)
    {
        lock (_gate)
        {
            if (_files.Add(file) && _files.Count == 1) _clock.Change(TickMs, TickMs);
        }
    }

    public void Remove(OpenFile file)
    {
        lock (_gate)
        {
            if (_files.Remove(file) && _files.Count == 0) _clock.Change(Timeout.Infinite, Timeout.Infinite);
        }
    }

    public void Dispose() => _clock.Dispose();

    private void Tick()
    {
        OpenFile[] files;
        lock (_gate) files = [.. _files];
        long nowMs = Environment.TickCount64;
        foreach (OpenFile file in files)
        {
            lock (file.Gate)
            {
                // A write that waits for room may yet have to take back what it left here.
                if (file.Entry.WaitingWrites > 0) continue;
                if (file.Partial is { Bytes.IsEmpty: false } partial && nowMs - partial.SinceMs < WaitMaxMs) continue;
                Keeping.SendOverdue(_fs, file);
                Remove(file);
            }
        }
    }
}
