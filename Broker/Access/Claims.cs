using System.Security.Cryptography;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>What a JWT says: metadata alone. Rights are not in it; they are looked up whenever they matter.</summary>
/// <param name="Session">The session that it takes up again.</param>
/// <param name="Subject">The number of the user or worker, so that a namesake made later is somebody else.</param>
/// <param name="Generation">
/// Changes with the secret or token, the role and whatever else ends sessions, so that a JWT of before is over.
/// </param>
/// <param name="Link">The link of the Hello that it was issued for; 0 for none.</param>
sealed record Claims(
    SessionId Session,
    PeerRole Role,
    string Team,
    string Identity,
    long Subject,
    string Generation,
    ulong Link,
    long IssuedUnixS,
    long ExpiresUnixS)
{
    public static Claims Of(
        Team team,
        User user,
        Membership place,
        PeerRole role,
        SessionId session,
        ulong link,
        long unixMs,
        TimeSpan life) =>
        new(session, role, team.Name.Value, user.Name.Value, user.Id.Value, GenerationOf(user, place), link,
            unixMs / 1000, (unixMs / 1000) + (long)life.TotalSeconds);

    public static Claims Of(Team team, Worker worker, SessionId session, ulong link, long unixMs, TimeSpan life) =>
        new(session, PeerRole.Worker, team.Name.Value, worker.Name.Value, worker.Id.Value, GenerationOf(worker), link,
            unixMs / 1000, (unixMs / 1000) + (long)life.TotalSeconds);

    /// <summary>Tells one secret of a user from another, and nothing about either.</summary>
    public static string MarkOf(User user) => Digest(Encoding.UTF8.GetBytes(user.SecretHash));

    public static string GenerationOf(User user, Membership place) =>
        Digest(Encoding.UTF8.GetBytes($"{user.SecretHash} {user.Generation} {place.Generation}"));

    public static string GenerationOf(Worker worker) => Digest(worker.SealedToken.AsSpan());

    /// <summary>Tells one next token of a worker from another, and nothing about either.</summary>
    public static string MarkOfNext(Worker worker) => Digest(worker.SealedNext.AsSpan());

    // Of the bcrypt hash, whose salt is random, or of sealed bytes: it says nothing about the secret.
    private static string Digest(ReadOnlySpan<byte> proof) =>
        Convert.ToHexStringLower(SHA256.HashData(proof).AsSpan(0, 8));

    /// <summary>Never the JWT itself.</summary>
    public override string ToString() => $"{Role} {Team}/{Identity}, session {Session}";
}
