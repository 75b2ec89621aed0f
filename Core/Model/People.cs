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

/// <summary>
/// A group of users who share workers, services and triggers; nothing of it is visible to others. The first team of a
/// broker is the operators': its admins run the broker.
/// </summary>
/// <param name="Founder">Who made it; null when that user is gone, and for the first team.</param>
sealed record Team(TeamId Id, TeamName Name, long CreatedUnixMs, UserId? Founder = null)
{
    /// <summary>How much it may have.</summary>
    public Plan Plan { get; init; } = Plan.Unlimited;
}

/// <summary>
/// An account: somebody who can sign in, in each team that has a <see cref="Membership"/> for it. The secret is kept as
/// bcrypt only.
/// </summary>
/// <param name="Disabled">An operator of the broker closed the account, whatever its teams say.</param>
/// <param name="FullName">For people; may be empty.</param>
/// <param name="Email">Where mail reaches the person; may be empty.</param>
/// <param name="SecretIsOwn">
/// The user chose the secret. While somebody else did, who may still know it, the account is held to the one team.
/// </param>
/// <param name="Generation">
/// Another number with each change that ends all sessions and JWTs of the account.
/// </param>
sealed record User(
    UserId Id,
    UserName Name,
    string SecretHash,
    bool Disabled,
    long CreatedUnixMs,
    long UpdatedUnixMs,
    string FullName = "",
    string Email = "",
    bool SecretIsOwn = true,
    long Generation = 0);

/// <summary>A user's place in a team.</summary>
/// <param name="Disabled">An admin of the team shut the user out of it; what the user owns stays.</param>
/// <param name="Generation">
/// Another number with each change that ends the sessions and JWTs of the user in this team.
/// </param>
sealed record Membership(TeamId Team, UserId User, TeamRole Role, bool Disabled = false, long Generation = 0);
