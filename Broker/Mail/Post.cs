using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>
/// Puts letters into mailboxes, which are kept by count and age: what is too much or too old goes, the oldest first.
/// </summary>
static class Post
{
    private static readonly long AgeMaxMs = (long)Limits.LetterAgeMax.TotalMilliseconds;

    /// <summary>The same letter to some users, each once.</summary>
    /// <param name="roster">Where the mailboxes are.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="team">The team in which it is read; null for every one.</param>
    /// <param name="kind">What it is about.</param>
    /// <param name="text">One line; what is too long is cut, as it is for people and no data.</param>
    /// <param name="now">The moment.</param>
    public static IEnumerable<Change> To(
        Roster roster, IEnumerable<UserId> to, TeamId? team, LetterKind kind, string text, Instant now)
    {
        foreach (UserId user in to.Distinct().ToArray())
        {
            yield return new Change.PutLetter(
                new(new(roster.NextId()), user, team, kind, Short(text), now.UnixMs));
            Letter[] before = [.. roster.LettersOf(user).Where(letter => letter.Team == team)];
            foreach (Letter letter in before.Take(Math.Max(0, before.Length + 1 - Limits.LettersMax)))
                yield return new Change.DropLetter(user, letter.Id);
        }
    }

    /// <summary>Letters that were kept long enough.</summary>
    public static IEnumerable<Change> Old(Roster roster, Instant now) => roster.Users
        .SelectMany(user => roster.LettersOf(user.Id).TakeWhile(letter => letter.SentUnixMs + AgeMaxMs < now.UnixMs))
        .Select(letter => new Change.DropLetter(letter.To, letter.Id));

    /// <summary>Those who answer for a thing of a team: its owner and the admins.</summary>
    public static IEnumerable<UserId> AnswerableFor(Roster roster, TeamId team, UserId? owner) =>
        roster.MembershipsIn(team)
            .Where(place => !place.Disabled && (place.Role == TeamRole.Admin || place.User == owner))
            .Select(place => place.User);

    private static string Short(string text)
    {
        string clean = string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return System.Text.Encoding.UTF8.GetByteCount(clean) <= Limits.LetterMax ? clean
            : clean[..(Limits.LetterMax / 4)] + "…";
    }
}
