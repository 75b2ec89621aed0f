using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>Where a message of the queue is.</summary>
enum EntryStage : byte
{
    /// <summary>It is not on the disk yet: nobody was told that it was taken.</summary>
    Storing,

    /// <summary>It waits for a worker, or for its time.</summary>
    Waiting,

    /// <summary>A job carries it.</summary>
    Running,

    /// <summary>It has its answer, or was given up.</summary>
    Over,
}

/// <summary>A message of the queue as the broker has it in memory.</summary>
sealed class QueueEntry(QueuedMessage message) : Due, IPlaced
{
    /// <summary>Bytes that each costs besides its payload: this object, its message, its places in lists.</summary>
    public const int Cost = 512;

    public QueuedMessage Message { get; set; } = message;

    public EntryStage Stage { get; set; }

    /// <summary>The job that carries it; null while none does.</summary>
    public Job? Job { get; set; }

    /// <summary>Who wrote it and still listens for the answer; null when nobody does.</summary>
    public UserSession? Audience { get; set; }

    /// <summary>The number by which the audience knows it.</summary>
    public ulong Request { get; set; }

    /// <summary>Those of its trigger; null until it is on the disk.</summary>
    public QueuedTrigger? Trigger { get; set; }

    /// <summary>The one of its trigger that came before it and has no answer yet, for the trigger alone.</summary>
    public QueueEntry? Older { get; set; }

    /// <summary>The one that came after it.</summary>
    public QueueEntry? Newer { get; set; }

    /// <summary>Where it waits for a worker; null when it does not.</summary>
    public QueueLane? Lane { get; set; }

    /// <summary>The lane whose running messages it counts among; null while none carries it.</summary>
    public QueueLane? RunsIn { get; set; }

    /// <summary>It waits until fewer messages of its trigger are under way.</summary>
    public bool IsParked { get; set; }

    /// <summary>Equal messages that came while it waited are it: a run begun before is not theirs.</summary>
    public bool StandsForOthers { get; set; }

    /// <summary>What has more goes first.</summary>
    public byte Priority { get; set; } = Delivery.PriorityDefault;

    /// <summary>The round in which it has its turn among those of <see cref="RoundIn"/>.</summary>
    public long Round { get; set; }

    /// <summary>The lane that gave it its round, which means nothing in others; null until it waited.</summary>
    public QueueLane? RoundIn { get; set; }

    int IPlaced.Place { get; set; }

    /// <summary>Its index among those of its trigger that wait, for the trigger alone; -1 while it does not.</summary>
    public int PlaceInTrigger { get; set; } = -1;

    /// <summary>When it began to wait for a worker, on the steady clock, in ms.</summary>
    public long WaitsSinceMs { get; set; }

    /// <summary>
    /// It was on the disk when the broker started: it may be with a worker, which says so when it comes back.
    /// </summary>
    public bool MayRun { get; set; }

    /// <summary>Why it is a dead letter once its job is over; null when the answer is one.</summary>
    public string? Flaw { get; set; }

    /// <summary>What its last attempt wrote; null until one wrote something.</summary>
    public OutputTail? Output { get; set; }

    public long Bytes => Message.Payload.Length + Cost;
}
