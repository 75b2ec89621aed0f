using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// The messages that wait for one service: what has more priority first, and writers in turn, each one's oldest first.
/// </summary>
sealed class QueueLane(ServiceId service)
{
    private readonly PlacedHeap<QueueEntry> _waiting = new(Order);
    private readonly FairRounds<UserId> _writers = new();

    public ServiceId Service => service;

    /// <summary>Messages of it that a job carries.</summary>
    public int Running { get; set; }

    /// <summary>None of them has its turn before this moment, on the steady clock, in ms.</summary>
    public long NotBeforeMs { get; set; }

    public int Count => _waiting.Count;

    public QueueEntry? First => _waiting.First;

    public void Add(QueueEntry entry)
    {
        if (entry.RoundIn == this) _writers.JoinAgain(entry.Message.User, entry.Round);
        else entry.Round = _writers.Join(entry.Message.User);
        entry.Lane = entry.RoundIn = this;
        _waiting.Add(entry);
    }

    /// <summary>It goes away without its turn.</summary>
    public void Remove(QueueEntry entry)
    {
        _writers.Leave(entry.Message.User);
        Drop(entry);
    }

    /// <summary>It has its turn.</summary>
    public void Take(QueueEntry entry)
    {
        _writers.Take(entry.Message.User, entry.Round);
        Drop(entry);
    }

    private void Drop(QueueEntry entry)
    {
        _waiting.Remove(entry);
        entry.Lane = null;
    }

    public string Name(Roster roster) => roster.Service(service)?.Name.Value ?? "";

    private static int Order(QueueEntry a, QueueEntry b)
    {
        if (a.Priority != b.Priority) return b.Priority.CompareTo(a.Priority);
        return a.Round != b.Round ? a.Round.CompareTo(b.Round) : a.Message.Id.CompareTo(b.Message.Id);
    }
}
