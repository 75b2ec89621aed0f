using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>The roster's side that keeps the mailboxes.</summary>
sealed partial class Roster
{
    private readonly Dictionary<UserId, SortedDictionary<long, Letter>> _letters = [];

    /// <summary>What a user reads in a team: letters of that mailbox and those to the person, oldest first.</summary>
    public IEnumerable<Letter> Mailbox(TeamId team, UserId user) =>
        LettersOf(user).Where(letter => letter.Team is null || letter.Team == team);

    public int CountUnread(TeamId team, UserId user) => Mailbox(team, user).Count(letter => !letter.IsRead);

    /// <summary>All letters of a user, the oldest first.</summary>
    public IReadOnlyCollection<Letter> LettersOf(UserId user) =>
        _letters.TryGetValue(user, out SortedDictionary<long, Letter>? letters) ? letters.Values : [];

    private void PutLetter(Letter letter)
    {
        Used(letter.Id.Value);
        if (!_letters.TryGetValue(letter.To, out SortedDictionary<long, Letter>? letters))
            _letters[letter.To] = letters = [];
        letters[letter.Id.Value] = letter;
    }

    private void DropLetter(UserId user, LetterId letter)
    {
        if (_letters.TryGetValue(user, out SortedDictionary<long, Letter>? letters)) letters.Remove(letter.Value);
    }

    private void EmptyMailbox(TeamId team, UserId user)
    {
        foreach (Letter letter in LettersOf(user).Where(letter => letter.Team == team).ToArray())
            DropLetter(user, letter.Id);
    }
}
