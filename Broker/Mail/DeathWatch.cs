using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>
/// Tells those who answer for a trigger that its messages are given up; damped, so that a trigger that fails all day is
/// a letter an hour and not one for each message.
/// </summary>
sealed class DeathWatch
{
    /// <summary>Between two letters about the same trigger.</summary>
    public static readonly TimeSpan QuietMin = TimeSpan.FromHours(1);

    private const int Remembered = 16 * 1024;

    private readonly Dictionary<NodeId, (long ToldMs, int More)> _triggers = [];

    /// <summary>What is to be told of a message that was given up; null when the letter before is too new.</summary>
    public string? Due(DeadLetter letter, Instant now)
    {
        if (_triggers.Count >= Remembered) _triggers.Clear();
        if (_triggers.TryGetValue(letter.Message.Trigger, out (long ToldMs, int More) known)
            && now.SteadyMs - known.ToldMs < QuietMin.TotalMilliseconds)
        {
            _triggers[letter.Message.Trigger] = (known.ToldMs, known.More + 1);
            return null;
        }
        _triggers[letter.Message.Trigger] = (now.SteadyMs, 0);
        string path = letter.Path.Length > 0 ? letter.Path : "a trigger that is deleted";
        string more = known.More == 0 ? "" : $" (and {known.More} since the last letter)";
        return $"a message to {path} was given up{more}: {letter.Reason}: show dead-letters {letter.Id}";
    }
}
