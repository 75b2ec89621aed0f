namespace TriggerFs.Core.Model;

/// <summary>What a user may do in a team.</summary>
enum TeamRole : byte
{
    /// <summary>Everything.</summary>
    Admin = 1,

    /// <summary>Own objects, and what the team may see.</summary>
    Member = 2,

    /// <summary>Looks, and changes nothing.</summary>
    Observer = 3,
}

/// <summary>A group of users who share workers, services and triggers; nothing of it is visible to others.</summary>
sealed record Team(TeamId Id, TeamName Name, long CreatedUnixMs);

/// <summary>Somebody who can sign in. The secret is kept as bcrypt only.</summary>
sealed record User(
    UserId Id, UserName Name, string SecretHash, bool Disabled, long CreatedUnixMs, long UpdatedUnixMs);

/// <summary>A user's place in a team.</summary>
sealed record Membership(TeamId Team, UserId User, TeamRole Role);
