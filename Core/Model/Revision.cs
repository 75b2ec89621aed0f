using System.Collections.Immutable;

namespace TriggerFs.Core.Model;

/// <summary>How a revision came about.</summary>
enum RevisionKind : byte
{
    /// <summary>A statement that took effect at once.</summary>
    Statement = 1,

    /// <summary>Statements that were committed together.</summary>
    Commit = 2,

    /// <summary>Somebody went back to an earlier revision.</summary>
    Back = 3,

    /// <summary>A commit was not confirmed in time, and the broker took it back.</summary>
    Unconfirmed = 4,
}

/// <summary>
/// One change of a team's configuration: its workers, services, directories and triggers. Numbered from 1; the newest
/// ones are kept.
/// </summary>
/// <param name="Author">The user's name when it was made.</param>
/// <param name="ConfirmByUnixMs">It is taken back then, unless it is confirmed; 0 when it stands.</param>
/// <param name="Lines">The statements, in words.</param>
/// <param name="Touched">What it changed, as conflicts are found by: <c>service 21 timeout</c>.</param>
/// <param name="Undo">What takes it back, in order; default when that was too much to keep.</param>
sealed record Revision(
    TeamId Team,
    long Number,
    RevisionKind Kind,
    long UnixMs,
    string Author,
    string Comment,
    long ConfirmByUnixMs,
    ImmutableArray<string> Lines,
    ImmutableArray<string> Touched,
    ImmutableArray<Change> Undo);
