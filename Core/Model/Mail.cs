namespace TriggerFs.Core.Model;

/// <summary>A letter's number in the database; never used twice.</summary>
readonly record struct LetterId(long Value);

/// <summary>An invitation's number in the database; never used twice.</summary>
readonly record struct InvitationId(long Value);

/// <summary>What a letter is about.</summary>
enum LetterKind : byte
{
    /// <summary>The operators of the broker have something to say.</summary>
    Announcement = 1,

    /// <summary>Somebody invites into a team, or answered an invitation.</summary>
    Invitation = 2,

    /// <summary>A worker was lost, or is back.</summary>
    Worker = 3,

    /// <summary>What was written to a trigger cannot be delivered.</summary>
    Trigger = 4,

    /// <summary>A team comes near to what its plan allows.</summary>
    Quota = 5,

    /// <summary>Something happened to the account or to its place in a team.</summary>
    Account = 6,
}

/// <summary>One message in the mailbox of a user.</summary>
/// <param name="Team">The team in which it is read; null for a letter to the person, read in every team.</param>
/// <param name="Text">One line for people, at most <see cref="Limits.LetterMax"/> bytes.</param>
sealed record Letter(
    LetterId Id, UserId To, TeamId? Team, LetterKind Kind, string Text, long SentUnixMs, bool IsRead = false);

/// <summary>Whether the code of an invitation goes by e-mail.</summary>
enum CodeMail : byte
{
    /// <summary>No mail brings it: there is none, or an admin tells it.</summary>
    None = 0,

    /// <summary>The mail server has not taken it yet; it is tried until then, by the next broker, too.</summary>
    Waiting = 1,

    /// <summary>The mail server has it.</summary>
    Sent = 2,

    /// <summary>It was given up; an admin sees the code.</summary>
    Failed = 3,
}

/// <summary>
/// An offer of a place in a team, until it is accepted, declined, withdrawn or too old. To an e-mail address it goes
/// with an activation code, which is the proof of who has it; to an identity it goes into the mailbox.
/// </summary>
/// <param name="Team">Where to; null for a team of one's own: somebody signs up by himself.</param>
/// <param name="By">Who sent it; null for nobody.</param>
/// <param name="Who">
/// Who may accept it; null for an address, and for an identity that there was not, which nobody is told.
/// </param>
/// <param name="Address">The identity or the e-mail address.</param>
sealed record Invitation(
    InvitationId Id,
    TeamId? Team,
    TeamRole Role,
    UserId? By,
    UserId? Who,
    string Address,
    long CreatedUnixMs,
    long ExpiresUnixMs)
{
    /// <summary>
    /// How far the mail with its code is. The code itself is nowhere: it can be made from the invitation, with a key.
    /// </summary>
    public CodeMail Mail { get; init; }

    /// <summary>Whether it goes to an e-mail address, with a code.</summary>
    public bool IsByCode => Address.Contains('@');
}
