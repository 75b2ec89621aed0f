using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>What became of asynchronous messages, and whether it is what was promised.</summary>
sealed class MessageLedger
{
    private readonly HashSet<string> _accepted = [];
    private readonly HashSet<string> _excused = [];
    private readonly HashSet<string> _carriedOut = [];
    private readonly HashSet<(string Message, string Worker)> _first = [];
    private readonly Dictionary<string, int> _taken = [];
    private readonly HashSet<string> _seen = [];

    public int CarriedOut => _carriedOut.Count;

    /// <summary>Its writer was told that it will be carried out.</summary>
    public void Accept(string message) => _accepted.Add(message);

    /// <summary>The power went before it was on a disk whose owner had said that this may happen.</summary>
    public void Excuse(string message) => _excused.Add(message);

    /// <summary>It is on the broker's disk: the first time in its turn among those of its writer and trigger.</summary>
    public void Take(string message)
    {
        if (!_seen.Add(message)) return;
        int slash = message.LastIndexOf('/');
        int number = int.Parse(message[(slash + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        string lane = message[..slash];
        int before = _taken.GetValueOrDefault(lane);
        Ledger.Must(number > before, $"{message} was taken after {before}");
        _taken[lane] = number;
    }

    /// <summary>A worker carries it out.</summary>
    public void Begin(string message, string worker, int attempt, Algorithm algorithm)
    {
        Ledger.Must(_accepted.Contains(message) || _excused.Contains(message), $"{message} was invented");
        _carriedOut.Add(message);
        if (attempt > 1) return;
        Ledger.Must(_first.Add((message, algorithm == Algorithm.RoundRobin ? "" : worker)),
            $"{message} was carried out twice, and the second time does not say so");
    }

    /// <summary>A worker says why it cannot carry it out, which is an answer.</summary>
    public void Answer(string message) => _carriedOut.Add(message);

    /// <summary>It is over: all that was accepted was carried out, or lies among the dead letters.</summary>
    public void Close(IEnumerable<DeadLetter> letters)
    {
        HashSet<string> dead =
            [.. letters.Select(letter => System.Text.Encoding.UTF8.GetString(letter.Message.Payload))];
        foreach (string message in _accepted)
            Ledger.Must(_carriedOut.Contains(message) || dead.Contains(message) || _excused.Contains(message),
                $"{message} was lost");
    }
}
