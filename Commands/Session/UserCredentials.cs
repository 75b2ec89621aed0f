using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>
/// Who a user is to the broker and how that is proved: a secret, a JWT of an earlier session, or both.
/// </summary>
/// <param name="Role">Client, Mount or Console.</param>
/// <param name="Secret">Null when only a JWT is at hand.</param>
/// <param name="Jwt">Tried before the secret; null or empty when there is none.</param>
sealed record UserCredentials(PeerRole Role, string Team, string Identity, string? Secret, string? Jwt = null)
{
    /// <summary>Without the proofs, so that no log can have them.</summary>
    public override string ToString() => $"{Role} {Team}/{Identity}";
}

/// <summary>
/// What Hello says at each connection attempt: the JWT of the last Accepted when there is one, so that the session is
/// taken up again, else the secret. From any thread.
/// </summary>
sealed class Introduction(UserCredentials who, string software)
{
    private readonly ulong _link = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
    private volatile string? _jwt = string.IsNullOrEmpty(who.Jwt) ? null : who.Jwt;
    private volatile bool _provedByJwt;

    /// <summary>The Hello of the next attempt.</summary>
    public Hello Hello()
    {
        string? jwt = _jwt;
        _provedByJwt = jwt is not null;
        return new(
            who.Role,
            who.Team,
            who.Identity,
            jwt is null ? ProofKind.Secret : ProofKind.Jwt,
            jwt ?? who.Secret ?? throw NoProof(),
            software,
            _link);
    }

    /// <summary>Keeps the JWT with which the next connection takes the session up again.</summary>
    public void Accepted(string jwt) => _jwt = jwt.Length == 0 ? null : jwt;

    /// <summary>
    /// After a refusal: true when the proof was a JWT and the secret is left to try, which the next Hello then does.
    /// </summary>
    public bool FallBack(Refused refusal)
    {
        if (refusal.Code != ErrorCode.Unauthenticated || !_provedByJwt || who.Secret is null) return false;
        _jwt = null;
        return true;
    }

    private static TriggerException NoProof() => new(
        ErrorCode.Settings,
        "there is neither a secret nor a JWT to sign in with",
        fix: "set 'secret' under [main] in triggerfs.toml, or TRIGGERFS_SECRET");
}
