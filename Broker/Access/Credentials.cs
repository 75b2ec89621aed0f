using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>
/// Checks the proof of a Hello. What is wrong (team, identity, proof, a disabled user) takes the same time and reads
/// the same. Used on the loop's thread, where <paramref name="post"/> brings the answers of slow checks back to.
/// </summary>
sealed class Credentials(
    Roster roster, TokenSeal seal, Tokens tokens, SecretVerifier verifier, Throttle throttle, Action<Action> post)
{
    /// <summary>Checks, and calls back on the loop's thread, within the call or later.</summary>
    public void Check(Hello hello, string address, Instant now, Action<Verdict> done)
    {
        string key = hello.Team + "/" + hello.Identity;
        string host = HostOf(address);
        long waitMs = throttle.WaitMs(key, host, now.SteadyMs);
        if (waitMs > 0 && hello.Kind != ProofKind.Jwt) done(new(null, TooOften(waitMs)));
        else if (hello.Kind == ProofKind.Jwt) done(CheckJwt(hello, now));
        else if (hello.Kind == ProofKind.Token) done(Judge(hello, key, host, now, CheckToken(hello)));
        else CheckSecret(hello, key, host, now, done);
    }

    /// <summary>Hashes a new secret, and calls back on the loop's thread, within the call or later.</summary>
    public void Hash(SecretOrder order, Instant now, Action<string, TriggerException?> done)
    {
        string host = HostOf(order.Address);
        try
        {
            Secrets.CheckNew(order.New);
            long waitMs = order.Current is null ? 0 : throttle.WaitMs(order.Asker, host, now.SteadyMs);
            if (waitMs > 0) throw TooOften(waitMs);
        }
        catch (TriggerException refusal)
        {
            done("", refusal);
            return;
        }
        if (order.Current is not { } current) Hash(order.New, done);
        else if (!verifier.TryCheck(order.CurrentHash, current, right => post(() => Judge(right)))) done("", TooMany());

        void Judge(bool right)
        {
            if (right) Hash(order.New, done);
            else
            {
                throttle.Failed(order.Asker, host, now.SteadyMs);
                done("", new(ErrorCode.NotAllowed, "the secret of now is wrong", "nothing was changed"));
            }
        }
    }

    private void Hash(string secret, Action<string, TriggerException?> done)
    {
        if (!verifier.TryHash(secret, hash => post(() => done(hash, null)))) done("", TooMany());
    }

    private Proven? CheckToken(Hello hello)
    {
        Worker? worker = roster.FindTeam(hello.Team) is { } team ? roster.FindWorker(team.Id, hello.Identity) : null;
        bool isNow = seal.Matches(worker, hello.Proof), isNext = seal.MatchesNext(worker, hello.Proof);
        return (isNow || isNext) && hello.Role == PeerRole.Worker && worker is not null
            ? new(worker.Team, null, worker.Id, null) { HasNextToken = isNext } : null;
    }

    private void CheckSecret(Hello hello, string key, string host, Instant now, Action<Verdict> done)
    {
        string? hash = Find(hello)?.SecretHash;
        bool begun = verifier.TryCheck(hash, hello.Proof, right => post(() =>
        {
            // The user may have changed while bcrypt took its time.
            Proven? who = right && Find(hello)?.SecretHash == hash ? Prove(hello) : null;
            done(Judge(hello, key, host, now, who));
        }));
        if (!begun) done(new(null, TooMany()));
    }

    private User? Find(Hello hello) => roster.FindUser(hello.Identity);

    private Proven? Prove(Hello hello) =>
        hello.Role != PeerRole.Worker && Find(hello) is { } user
        && roster.FindTeam(hello.Team) is { } team && roster.OpenMembershipOf(team.Id, user.Id) is not null
            ? new(team.Id, user.Id, null, null) : null;

    private Verdict CheckJwt(Hello hello, Instant now)
    {
        try
        {
            Claims claims = tokens.Read(hello.Proof, now.UnixMs);
            bool same = (hello.Team.Length == 0 || hello.Team == claims.Team)
                && (hello.Identity.Length == 0 || hello.Identity == claims.Identity)
                && (hello.Role == PeerRole.Worker) == (claims.Role == PeerRole.Worker);
            Proven? who = same ? claims.Role == PeerRole.Worker ? WorkerOf(claims) : UserOf(claims) : null;
            return who is null ? new(null, Tokens.Bad("it is not, or no longer, this identity's")) : new(who, null);
        }
        catch (TriggerException refusal)
        {
            return new(null, refusal);
        }
    }

    private Proven? UserOf(Claims claims) =>
        roster.FindUser(claims.Identity) is { } user && user.Id.Value == claims.Subject
        && roster.FindTeam(claims.Team) is { } team && roster.OpenMembershipOf(team.Id, user.Id) is { } place
        && Claims.GenerationOf(user, place) == claims.Generation ? new(team.Id, user.Id, null, claims) : null;

    private Proven? WorkerOf(Claims claims) =>
        roster.FindTeam(claims.Team) is { } team && roster.Worker(new(claims.Subject)) is { } worker
        && worker.Team == team.Id && worker.Name.Value == claims.Identity
        && Claims.GenerationOf(worker) == claims.Generation ? new(team.Id, null, worker.Id, claims) : null;

    private Verdict Judge(Hello hello, string key, string host, Instant now, Proven? who)
    {
        if (who is null) return new(null, Wrong(hello), throttle.Failed(key, host, now.SteadyMs));
        throttle.Succeeded(key, host);
        return new(who, null);
    }

    private static TriggerException Wrong(Hello hello) => new(
        ErrorCode.Unauthenticated,
        "the team, the identity or its proof is wrong",
        "which of them is not told to anybody",
        hello.Role == PeerRole.Worker
            ? "compare the worker's token with what its owner sees: triggerfs cli -c 'show workers NAME token'"
            : "check team, identity and secret in section [main] of triggerfs.toml");

    private static TriggerException TooMany() => new(
        ErrorCode.Busy, "the broker checks too many secrets at once", fix: "try again in a few seconds");

    private static TriggerException TooOften(long waitMs) => new(
        ErrorCode.Busy, "this identity failed too often from this address",
        fix: $"try again in {(waitMs + 999) / 1000} s");

    // The port is another one for each connection.
    private static string HostOf(string address) =>
        address.LastIndexOf(':') is > 0 and int at ? address[..at] : address;
}
