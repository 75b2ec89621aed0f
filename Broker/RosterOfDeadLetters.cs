using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that has the messages that were given up, the oldest first.</summary>
sealed partial class Roster
{
    private readonly SortedDictionary<long, DeadLetter> _deadLetters = [];

    public IEnumerable<DeadLetter> DeadLetters(TeamId team) =>
        _deadLetters.Values.Where(letter => letter.Message.Team == team);

    public DeadLetter? DeadLetter(TeamId team, long id) =>
        _deadLetters.TryGetValue(id, out DeadLetter? letter) && letter.Message.Team == team ? letter : null;

    /// <summary>
    /// The oldest ones of a team that make room for one more: at most <see cref="Limits.DeadLettersMax"/> are kept, of
    /// <see cref="Limits.DeadLetterBytesMax"/> together.
    /// </summary>
    public IEnumerable<DeadLetter> DeadLettersOver(DeadLetter next)
    {
        DeadLetter[] kept = [.. DeadLetters(next.Message.Team)];
        int count = kept.Length + 1;
        long bytes = next.Bytes + kept.Sum(static letter => letter.Bytes);
        foreach (DeadLetter oldest in kept)
        {
            if (count <= Limits.DeadLettersMax && bytes <= Limits.DeadLetterBytesMax) yield break;
            yield return oldest;
            count--;
            bytes -= oldest.Bytes;
        }
    }

    private void PutDeadLetter(DeadLetter letter)
    {
        Used(letter.Id);
        _deadLetters[letter.Id] = letter;
    }

    private void DropDeadLetter(long id) => _deadLetters.Remove(id);
}
