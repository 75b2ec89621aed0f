using System.Diagnostics.CodeAnalysis;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>The messages that wait for one service, the oldest first.</summary>
sealed class QueueLane(ServiceId service)
{
    private readonly PriorityQueue<QueueEntry, long> _waiting = new();

    /// <summary>Messages of it that a job carries.</summary>
    public int Running { get; set; }

    public bool HasWaiting => _waiting.Count > 0;

    public int Count => _waiting.Count;

    public void Add(QueueEntry entry) => _waiting.Enqueue(entry, entry.Message.Id);

    /// <summary>The oldest one; those that a job was opened for meanwhile are passed over.</summary>
    public bool TryPeek([NotNullWhen(true)] out QueueEntry? entry)
    {
        while (_waiting.TryPeek(out entry, out _))
        {
            if (entry.Stage == EntryStage.Waiting) return true;
            _waiting.Dequeue();
        }
        return false;
    }

    public void Take() => _waiting.Dequeue();

    public string Name(Roster roster) => roster.Service(service)?.Name.Value ?? "";
}
