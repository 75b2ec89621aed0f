using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Operations;

namespace TriggerFs.Fs.Failed;

/// <summary>A message that was given up, and which of its files are there.</summary>
readonly record struct FailedFiles(FailedMessage Message, FailedParts Parts)
{
    public bool Has(FailedPart part) => ((int)Parts & (1 << (int)part)) != 0;

    public FailedFiles Without(FailedPart part) => this with { Parts = Parts & ~(FailedParts)(1 << (int)part) };
}

/// <summary>A bit for each <see cref="FailedPart"/>.</summary>
[Flags]
enum FailedParts : byte
{
    All = (1 << FailedPart.Request) | (1 << FailedPart.Reason) | (1 << FailedPart.Output),
}

/// <summary>
/// What the broker said last of the messages that were given up, for a second; and what this mount sent again or
/// dropped a moment ago: its folder is there until it is removed, so that rm -r comes to its end. From any thread.
/// </summary>
sealed class FailedFolder(IFailedMessages? source)
{
    /// <summary>How long a list is not asked for again, in ms: as long as one ls takes.</summary>
    public const long FreshMs = 1000;

    /// <summary>How long the folder of a message stays that is a failed one no longer, in ms.</summary>
    public const long LeftMaxMs = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Left> _left = [];
    private FailedList? _list;
    private Asking? _asking;
    private long _changes;

    /// <summary>The steady clock, in ms.</summary>
    public Func<long> NowMs { get; set; } = static () => Environment.TickCount64;

    /// <summary>Texts that are open.</summary>
    public HandleTable<byte[]> Texts { get; } = new();

    /// <summary>Folders that are open, as they were then.</summary>
    public HandleTable<FailedEntry[]> Listings { get; } = new();

    /// <summary>What the open texts hold.</summary>
    public KeptBytes Held { get; } = new();

    public int OpenCount => Texts.Count + Listings.Count;

    /// <summary>Where they are; only a mount that has some has nodes of them.</summary>
    public IFailedMessages Source => source ?? throw new InvalidOperationException("nobody keeps failed messages");

    /// <summary>
    /// Calls back with all that there are: at once when they were asked for a moment ago, else when the broker has
    /// answered. Who comes meanwhile waits for the same answer, unless something was changed after it was asked for.
    /// </summary>
    public void Look(Action<ErrorCode?, FailedList> then)
    {
        FailedList? fresh = null;
        Asking? asking = null;
        lock (_gate)
        {
            if (_list is { } list && list.Changes == _changes && NowMs() - list.AtMs < FreshMs) fresh = list;
            else if (_asking is { } underWay && underWay.Changes == _changes)
            {
                underWay.Waiting.Add(then);
                return;
            }
            else _asking = asking = new(_changes, then);
        }
        if (fresh is not null) then(null, fresh);
        else Source.List((failure, messages) => Listed(asking!, failure, messages));
    }

    /// <summary>Finds a message in a list, or among those that were sent again or dropped a moment ago.</summary>
    public bool TryFind(FailedList list, long message, out FailedFiles files)
    {
        FailedMessage? listed = list.Find(message);
        lock (_gate)
        {
            // One that is listed again was given up a second time.
            bool isLeft = _left.TryGetValue(message, out Left left) && NowMs() < left.UntilMs
                && (listed is null || list.Changes < left.Changes);
            files = isLeft ? left.Files : listed is null ? default : new(listed, FailedParts.All);
            return isLeft || listed is not null;
        }
    }

    /// <summary>The broker has sent a message again, or dropped it.</summary>
    public void Gone(FailedFiles files)
    {
        lock (_gate)
        {
            _changes++;
            if (_left.Count >= Limits.DeadLettersMax) _left.Clear();
            _left[files.Message.Id] = new(files.Without(FailedPart.Request), _changes, NowMs() + LeftMaxMs);
        }
    }

    /// <summary>A file of a message that is gone is removed. False for one that is not gone, which keeps it.</summary>
    public bool TryRemove(long message, FailedPart part)
    {
        lock (_gate)
        {
            if (!_left.TryGetValue(message, out Left left)) return false;
            _left[message] = left with { Files = left.Files.Without(part) };
            return true;
        }
    }

    /// <summary>The folder of a message that is gone is removed. False for one that is not gone.</summary>
    public bool TryRemoveFolder(long message)
    {
        lock (_gate) return _left.Remove(message);
    }

    private void Listed(Asking asking, ErrorCode? failure, FailedMessage[] messages)
    {
        var list = new FailedList(messages, asking.Changes, NowMs());
        lock (_gate)
        {
            if (failure is null) _list = list;
            if (_asking == asking) _asking = null;
            foreach ((long id, Left left) in _left)
                if (NowMs() >= left.UntilMs) _left.Remove(id);
        }
        // Nobody joins it any more: it is under way no longer.
        foreach (Action<ErrorCode?, FailedList> then in asking.Waiting) then(failure, list);
    }

    /// <summary>A question to the broker that is under way.</summary>
    private sealed class Asking(long changes, Action<ErrorCode?, FailedList> first)
    {
        /// <summary>How much had been changed when it was asked.</summary>
        public long Changes => changes;

        public List<Action<ErrorCode?, FailedList>> Waiting { get; } = [first];
    }

    private readonly record struct Left(FailedFiles Files, long Changes, long UntilMs);
}

/// <summary>All messages that were given up, as the broker had them at a moment.</summary>
/// <param name="Messages">In the order of their numbers.</param>
/// <param name="Changes">How much this mount had changed when it asked.</param>
/// <param name="AtMs">When the answer came, by the steady clock.</param>
sealed record FailedList(FailedMessage[] Messages, long Changes, long AtMs)
{
    public FailedMessage? Find(long id)
    {
        int low = 0;
        for (int high = Messages.Length; low < high;)
        {
            int middle = (low + high) / 2;
            if (Messages[middle].Id < id) low = middle + 1;
            else high = middle;
        }
        return low < Messages.Length && Messages[low].Id == id ? Messages[low] : null;
    }
}
