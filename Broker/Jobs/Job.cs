using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Queue;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Streams;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// A request on its way. It owes its sender <see cref="Pending"/> answers, one for each worker of its plan, of which
/// the last one ends it; or one refusal instead. Objects are used again.
/// </summary>
sealed class Job : Due
{
    public UserSession Session { get; set; } = null!;

    /// <summary>The sender's number; of a message of the queue, its number there.</summary>
    public ulong Id { get; set; }

    /// <summary>The message of the queue that it carries; null for a request.</summary>
    public QueueEntry? Entry { get; set; }

    /// <summary>
    /// Who hears the answers: the sender; of a message of the queue whoever wrote it, null when he is gone.
    /// </summary>
    public UserSession? Audience { get; set; }

    /// <summary>The number by which the audience knows it.</summary>
    public ulong AudienceId { get; set; }

    /// <summary>The number of the attempt with which it begins.</summary>
    public byte FirstAttempt { get; set; } = 1;

    /// <summary>The mark of the write that fired a trigger, by which repeats are known; none for a request.</summary>
    public MessageId Message { get; set; }

    public Lane Lane { get; set; } = null!;

    /// <summary>The trigger that it comes from; default for none.</summary>
    public NodeId Trigger { get; set; }

    /// <summary>How many jobs of the trigger may run at once; 0 for as many as the workers take.</summary>
    public int TriggerMax { get; set; }

    /// <summary>What has more goes first.</summary>
    public byte Priority { get; set; } = Core.Model.Delivery.PriorityDefault;

    /// <summary>It counts among those of its lane that are under way.</summary>
    public bool IsInflight { get; set; }

    /// <summary>Its place among those that wait because too many are under way; null when it does not.</summary>
    public LinkedListNode<Job>? Held { get; set; }

    /// <summary>Whether the sender is told who gets it, once it begins.</summary>
    public bool TellsDispatch { get; set; }

    public JobContent Content { get; } = new();

    /// <summary>The whole time, waiting included, is up at this moment, in ms.</summary>
    public long DeadlineMs { get; set; }

    /// <summary>It is for all workers at once, and each has answered when it has taken it.</summary>
    public bool IsBroadcast { get; set; }

    /// <summary>The stream that it carries on; null for all others.</summary>
    public LiveStream? Stream { get; set; }

    /// <summary>Runs that led to it.</summary>
    public byte Hops { get; set; }

    /// <summary>When its message was written, by the clock of who wrote it; 0 for a request.</summary>
    public long WrittenUnixMs { get; set; }

    /// <summary>The run that wrote to its trigger; none when it was no run.</summary>
    public RunId Parent { get; set; }

    public long BegunUnixMs { get; set; }

    /// <summary>How often a lost or failed run may be started again.</summary>
    public int Retry { get; set; }

    public Plan Plan { get; set; }

    /// <summary>The seats of a plan without spares, as they were when the request came.</summary>
    public List<Seat> Seats { get; } = [];

    /// <summary>Waves that have begun.</summary>
    public int Wave { get; set; }

    /// <summary>How carefully it goes to its workers; null for all that the plan says, whatever fails.</summary>
    public RolloutRules? Rollout { get; set; }

    /// <summary>Runs that failed, while it was not being ended.</summary>
    public int Failures { get; set; }

    /// <summary>Why workers that have not begun never will; null while they may.</summary>
    public string? Halt { get; set; }

    /// <summary>
    /// Its runs, one for each worker that had its turn; the answers that were given stay until the end.
    /// </summary>
    public List<JobRun> Runs { get; } = [];

    /// <summary>Runs without an end.</summary>
    public int Open { get; set; }

    /// <summary>Answers that the sender has not got.</summary>
    public int Pending { get; set; }

    /// <summary>Some worker was given a run: the command may have run.</summary>
    public bool IsReached { get; set; }

    /// <summary>The sender is there and hears answers; false while its link is away.</summary>
    public bool IsListening { get; set; }

    /// <summary>The sender is gone for good: answers are dropped.</summary>
    public bool IsMuted { get; set; }

    /// <summary>Cancelled or TimedOut once it is being ended; 0 before.</summary>
    public ErrorCode Ending { get; set; }

    /// <summary>The refusal that its sender could not be told yet.</summary>
    public TriggerException? Refusal { get; set; }

    /// <summary>
    /// What the sender had when it took the request up again after the broker had restarted; null otherwise.
    /// </summary>
    public Recovery? Recovery { get; set; }

    /// <summary>Where the next attempt's output begins on workers that had an attempt before.</summary>
    public List<(WorkerDesk Desk, ulong Offset)> Bases { get; } = [];

    /// <summary>It is over; the object goes back to the pool when the happening is done.</summary>
    public bool IsClosed { get; set; }

    public void Reset()
    {
        Content.LetGo();
        Session = null!;
        Entry = null;
        Audience = null;
        FirstAttempt = 1;
        Message = MessageId.None;
        Lane = null!;
        Trigger = default;
        TriggerMax = 0;
        Priority = Core.Model.Delivery.PriorityDefault;
        TellsDispatch = false;
        Plan = default;
        DeadlineMs = 0;
        Hops = 0;
        WrittenUnixMs = 0;
        Parent = default;
        IsBroadcast = false;
        Stream = null;
        Seats.Clear();
        Runs.Clear();
        Bases.Clear();
        Wave = Open = Pending = Retry = Failures = 0;
        Rollout = null;
        Halt = null;
        IsReached = IsListening = IsMuted = IsClosed = false;
        Ending = 0;
        Refusal = null;
        Recovery = null;
    }
}
