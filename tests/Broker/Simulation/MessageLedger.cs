using System.Globalization;
using System.Text;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>One write to a trigger. What it says tells it from all others, unless its trigger's are unique.</summary>
sealed class SimMessage(SimTrigger trigger, string payload)
{
    public SimTrigger Trigger => trigger;

    public string Payload => payload;

    public long AcceptedMs { get; set; }

    /// <summary>It may be lost: who wrote it was told that power cuts take such.</summary>
    public bool IsExcused { get; set; }
}

/// <summary>What became of asynchronous messages, and whether it is what was promised.</summary>
sealed class MessageLedger
{
    private readonly List<SimMessage> _accepted = [];
    private readonly HashSet<string> _written = [];

    /// <summary>When what says so was begun last, or answered by why it cannot be.</summary>
    private readonly Dictionary<string, long> _begun = [];
    private readonly HashSet<(string Message, string Worker)> _first = [];
    private readonly Dictionary<string, int> _taken = [];
    private readonly Dictionary<string, int> _given = [];
    private readonly Dictionary<SimTrigger, string> _newest = [];
    private readonly HashSet<string> _seen = [];

    /// <summary>When a message that says so came to the broker's disk last, for the first time.</summary>
    private readonly Dictionary<string, long> _kept = [];

    /// <summary>Until when what says so may have been dropped there last.</summary>
    private readonly Dictionary<string, long> _dropped = [];
    private readonly Dictionary<long, string> _texts = [];

    /// <summary>With which attempt messages began that somebody sent again.</summary>
    private readonly Dictionary<long, int> _again = [];

    public int CarriedOut => _begun.Count;

    /// <summary>Its writer was told that it will be carried out.</summary>
    public void Accept(SimMessage message, long nowMs)
    {
        message.AcceptedMs = nowMs;
        _accepted.Add(message);
        _written.Add(message.Payload);
    }

    /// <summary>The power went before it was on a disk whose owner had said that this may happen.</summary>
    public void Excuse(SimMessage message)
    {
        message.IsExcused = true;
        _written.Add(message.Payload);
    }

    /// <summary>It is on the broker's disk: the first time in its turn among those of its writer and trigger.</summary>
    public void Take(SimTrigger trigger, long id, string message, long nowMs)
    {
        if (_texts.TryAdd(id, message)) _kept[message] = nowMs;
        if (trigger.IsUnique || !_seen.Add(message)) return;
        _newest[trigger] = message;
        InTurn(_taken, message, "taken");
    }

    /// <summary>A worker carries it out.</summary>
    /// <param name="isAlone">The worker is the only one of the service, and runs one at a time.</param>
    public void Begin(SimTrigger trigger, string message, string worker, int attempt, bool isAlone, long nowMs)
    {
        Ledger.Must(_written.Contains(message), $"{message} was invented");
        _begun[message] = nowMs;
        if (attempt > 1 || trigger.IsUnique) return;
        Ledger.Must(_first.Add((message, trigger.Service.Algorithm == Algorithm.RoundRobin ? "" : worker)),
            $"{message} was carried out twice, and the second time does not say so");
        if (isAlone) InTurn(_given, message, "begun");
    }

    /// <summary>Somebody sends a dead letter again, where it was before.</summary>
    public void SendAgain(QueuedMessage message)
    {
        Ledger.Must(message.Attempt > 1, $"{message.Id} was sent again, and does not say so");
        _again[message.Id] = message.Attempt;
    }

    /// <summary>Somebody dropped one that waited: it need not be carried out.</summary>
    /// <param name="id">The broker's number of it.</param>
    /// <param name="untilMs">Equal ones that come before may have become one with it.</param>
    public void Drop(long id, long untilMs) => _dropped[_texts[id]] = untilMs;

    /// <summary>It was given up; when for its losses, not before the fourth since it was sent.</summary>
    public void Bury(DeadLetter letter)
    {
        if (!letter.Reason.Contains("lost over it, each time")) return;
        int attempts = letter.Message.Attempt + 1 - _again.GetValueOrDefault(letter.Id, 1);
        Ledger.Must(attempts > 3, $"{letter.Id} was given up after {attempts} attempts: {letter.Reason}");
    }

    /// <summary>A worker says why it cannot carry it out, which is an answer.</summary>
    public void Answer(string message, long nowMs) => _begun[message] = nowMs;

    /// <summary>It is over: all that was accepted was carried out, or lies among the dead letters.</summary>
    public void Close(IEnumerable<DeadLetter> letters)
    {
        HashSet<string> dead = [.. letters.Select(letter => Encoding.UTF8.GetString(letter.Message.Payload))];
        foreach (SimMessage message in _accepted)
        {
            if (message.IsExcused || message.Trigger.MayLeaveOut || dead.Contains(message.Payload)) continue;
            if (IsDropped(message.Payload)) continue;
            bool isDone = _begun.TryGetValue(message.Payload, out long begunMs)
                && (!message.Trigger.IsUnique || begunMs >= message.AcceptedMs);
            Ledger.Must(isDone, $"{message.Payload} was lost");
        }
        foreach ((SimTrigger trigger, string newest) in _newest)
            Ledger.Must(!trigger.KeepsNewest || _begun.ContainsKey(newest) || dead.Contains(newest)
                || IsDropped(newest),
                $"{newest} was the newest, and was left out");
    }

    private bool IsDropped(string message) =>
        _dropped.TryGetValue(message, out long untilMs) && _kept[message] <= untilMs;

    private static void InTurn(Dictionary<string, int> lanes, string message, string what)
    {
        int slash = message.LastIndexOf('/');
        int number = int.Parse(message[(slash + 1)..], CultureInfo.InvariantCulture);
        string lane = message[..slash];
        int before = lanes.GetValueOrDefault(lane);
        Ledger.Must(number > before, $"{message} was {what} after {before}");
        lanes[lane] = number;
    }
}
