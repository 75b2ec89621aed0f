using TriggerFs.Core;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// Triggers that were renamed a moment ago. logrotate renames and then creates anew, which is refused: without a word
/// in the log the trigger would stay renamed for ever.
/// </summary>
sealed class RecentRenames
{
    private const int Kept = 16;
    private const int RecentMs = 60_000;

    private readonly Lock _gate = new();
    private readonly Queue<Renamed> _renamed = new();

    public void Add(NodeId directory, string oldName, string newName)
    {
        lock (_gate)
        {
            if (_renamed.Count == Kept) _renamed.Dequeue();
            _renamed.Enqueue(new(directory, oldName, newName, Environment.TickCount64));
        }
    }

    /// <summary>A name is wanted that was renamed away: says so in the log.</summary>
    public void Complain(FileSystem fs, NodeId directory, string name)
    {
        long sinceMs = Environment.TickCount64 - RecentMs;
        Renamed found;
        lock (_gate)
        {
            found = _renamed.LastOrDefault(
                renamed => renamed.Directory == directory && renamed.Old == name && renamed.AtMs >= sinceMs);
        }
        if (found.Old is not null) Log.RotatedAway(fs.Log, found.Old, found.New);
    }

    private readonly record struct Renamed(NodeId Directory, string Old, string New, long AtMs);
}
