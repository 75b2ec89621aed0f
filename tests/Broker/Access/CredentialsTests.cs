using System.Collections.Concurrent;
using System.Security.Cryptography;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Access;

public sealed class CredentialsTests : IDisposable
{
    private const string Secret = "correct horse";
    private static readonly string SecretHash = Secrets.Hash(Secret, cost: 4);

    private readonly BlockingCollection<Action> _loop = [];
    private readonly TokenSeal _seal = new(RandomNumberGenerator.GetBytes(32));
    private readonly Tokens _tokens = new(RandomNumberGenerator.GetBytes(32));
    private readonly SecretVerifier _verifier = new(cost: 4);
    private readonly string _token = TokenSeal.NewToken(RandomNumberGenerator.Fill);
    private readonly TriggerFs.Broker.Roster _roster;
    private readonly Credentials _credentials;

    public CredentialsTests()
    {
        Worker worker = Sample.Worker(10, "demo01");
        _roster = new(Sample.State with
        {
            Users = Sample.State.Users.Select(user => user with { SecretHash = SecretHash }).ToArray(),
            Workers = [worker with { SealedToken = _seal.Seal(worker.Id, _token, RandomNumberGenerator.Fill) }],
        });
        _credentials = new(_roster, _seal, _tokens, _verifier, new Throttle(), _loop.Add);
    }

    public void Dispose()
    {
        _seal.Dispose();
        _verifier.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void The_right_secret_proves_the_user()
    {
        Verdict verdict = Check(WithSecret("hp", Secret));
        Assert.Null(verdict.Refusal);
        Assert.Equal(new Proven(Sample.Team1, Sample.Admin, null, null), verdict.Who);
    }

    [Fact]
    public void The_right_token_proves_the_worker() =>
        Assert.Equal(new Proven(Sample.Team1, null, new(10), null), Check(WithToken(_token)).Who);

    [Fact]
    public void All_that_can_be_wrong_reads_the_same()
    {
        _roster.Apply([new Change.PutUser(_roster.User(Sample.Other)! with { Disabled = true })]);
        string[] reports =
        [
            Check(WithSecret("hp", "wrong")).Refusal!.Report(),
            Check(WithSecret("nobody", Secret)).Refusal!.Report(),
            Check(WithSecret("bob", Secret)).Refusal!.Report(),
            Check(WithSecret("mallory", Secret)).Refusal!.Report(),
            Check(WithSecret("hp", Secret) with { Team = "team9" }).Refusal!.Report(),
            Check(WithSecret("hp", new string('x', 100))).Refusal!.Report(),
        ];
        Assert.Single(reports.Distinct());
        Assert.DoesNotContain(Secret, reports[0]);
    }

    [Fact]
    public void A_worker_is_not_let_in_with_a_secret_nor_a_user_with_a_token()
    {
        Assert.NotNull(Check(WithSecret("hp", Secret) with { Role = PeerRole.Worker }).Refusal);
        Assert.NotNull(Check(WithToken(_token) with { Role = PeerRole.Client }).Refusal);
    }

    [Fact]
    public void A_wrong_token_and_an_unknown_worker_read_the_same()
    {
        Verdict wrong = Check(WithToken(TokenSeal.NewToken(RandomNumberGenerator.Fill)));
        Verdict unknown = Check(WithToken(_token) with { Identity = "demo99" });
        Assert.Equal(wrong.Refusal!.Report(), unknown.Refusal!.Report());
        Assert.Equal(ErrorCode.Unauthenticated, wrong.Refusal.Code);
    }

    [Fact]
    public void While_a_token_is_rotated_the_old_and_the_new_one_prove_the_worker()
    {
        Worker worker = _roster.Worker(new(10))!;
        string next = TokenSeal.NewToken(RandomNumberGenerator.Fill);
        Assert.NotNull(Check(WithToken(next)).Refusal);
        Worker rotating = worker with { SealedNext = _seal.Seal(worker.Id, next, RandomNumberGenerator.Fill) };
        _roster.Apply([new Change.PutWorker(rotating)]);
        Assert.False(Check(WithToken(_token)).Who!.HasNextToken);
        Assert.True(Check(WithToken(next)).Who!.HasNextToken);
        Assert.NotNull(Check(WithToken(TokenSeal.NewToken(RandomNumberGenerator.Fill))).Refusal);

        _roster.Apply([new Change.PutWorker(worker with { SealedToken = rotating.SealedNext })]);
        Assert.NotNull(Check(WithToken(_token)).Refusal);
        Assert.False(Check(WithToken(next)).Who!.HasNextToken);
    }

    [Fact]
    public void A_JWT_takes_its_session_up_again()
    {
        string jwt = Issue(_roster.User(Sample.Admin)!);
        Verdict verdict = Check(new(PeerRole.Console, "team1", "hp", ProofKind.Jwt, jwt, ""));
        Assert.Equal(new SessionId(77), verdict.Who!.Jwt!.Session);
        Assert.Equal(Sample.Admin, verdict.Who.User);
    }

    [Fact]
    public void A_JWT_of_somebody_else_is_refused() => Assert.NotNull(
        Check(new(PeerRole.Client, "team1", "alice", ProofKind.Jwt, Issue(_roster.User(Sample.Admin)!), "")).Refusal);

    [Fact]
    public void A_JWT_is_over_when_the_secret_was_changed()
    {
        string jwt = Issue(_roster.User(Sample.Admin)!);
        ChangeSecret(Sample.Admin);
        Assert.NotNull(Check(new(PeerRole.Client, "team1", "hp", ProofKind.Jwt, jwt, "")).Refusal);
    }

    [Fact]
    public void A_JWT_is_over_when_the_user_is_disabled()
    {
        string jwt = Issue(_roster.User(Sample.Admin)!);
        _roster.Apply([new Change.PutUser(_roster.User(Sample.Admin)! with { Disabled = true })]);
        Assert.NotNull(Check(new(PeerRole.Client, "team1", "hp", ProofKind.Jwt, jwt, "")).Refusal);
    }

    [Fact]
    public void A_users_JWT_is_no_workers()
    {
        string jwt = Issue(_roster.User(Sample.Admin)!);
        Assert.NotNull(Check(new(PeerRole.Worker, "team1", "hp", ProofKind.Jwt, jwt, "")).Refusal);
    }

    [Fact]
    public void A_workers_JWT_is_over_with_the_worker()
    {
        Team team = _roster.FindTeam("team1")!;
        Worker worker = _roster.Worker(new(10))!;
        string jwt = _tokens.Issue(Claims.Of(team, worker, new(78), 0, Sample.Now.UnixMs, TimeSpan.FromHours(1)));
        var hello = new Hello(PeerRole.Worker, "team1", "demo01", ProofKind.Jwt, jwt, "");
        Assert.Equal(new WorkerId(10), Check(hello).Who!.Worker);
        _roster.Apply([new Change.DropWorker(new(10)), new Change.PutWorker(Sample.Worker(11, "demo01"))]);
        Assert.NotNull(Check(hello).Refusal);
    }

    [Fact]
    public void Guesses_have_to_wait_longer_and_longer_and_others_do_not()
    {
        for (int guess = 0; guess < 4; guess++) Check(WithSecret("hp", "wrong"));
        Assert.Equal(ErrorCode.Busy, Check(WithSecret("hp", Secret)).Refusal!.Code);
        Assert.NotNull(Check(WithSecret("alice", Secret)).Who);
        Assert.NotNull(Check(WithSecret("hp", Secret), address: "10.0.0.9:1").Who);
        Assert.NotNull(Check(WithSecret("hp", Secret), waitedMs: 1001).Who);
    }

    [Fact]
    public void The_port_of_a_guesser_does_not_matter()
    {
        for (int guess = 0; guess < 4; guess++) Check(WithSecret("hp", "wrong"), address: $"10.0.0.1:{guess + 1}");
        Assert.Equal(ErrorCode.Busy, Check(WithSecret("hp", Secret), address: "10.0.0.1:77").Refusal!.Code);
    }

    [Fact]
    public void Too_many_secrets_at_once_are_refused_as_busy()
    {
        using var verifier = new SecretVerifier(cost: 4, waitingMax: 0);
        var credentials = new Credentials(_roster, _seal, _tokens, verifier, new Throttle(), _loop.Add);
        Verdict? verdict = null;
        credentials.Check(WithSecret("hp", Secret), "x:1", Sample.Now, answer => verdict = answer);
        Assert.Equal(ErrorCode.Busy, verdict!.Refusal!.Code);
    }

    [Fact]
    public void A_secret_that_was_right_is_remembered_until_it_is_changed()
    {
        Assert.NotNull(Check(WithSecret("hp", Secret)).Who);
        Verdict? verdict = null;
        _credentials.Check(WithSecret("hp", Secret), "x:1", Sample.Now, answer => verdict = answer);
        Assert.Single(_loop); // Posted within the call: bcrypt was not asked.
        _loop.Take()();
        Assert.NotNull(verdict!.Who);
        ChangeSecret(Sample.Admin);
        Assert.NotNull(Check(WithSecret("hp", Secret)).Refusal);
    }

    [Fact]
    public void A_user_disabled_while_his_secret_is_checked_is_refused()
    {
        Verdict? verdict = null;
        _credentials.Check(WithSecret("hp", Secret), "x:1", Sample.Now, answer => verdict = answer);
        _roster.Apply([new Change.PutUser(_roster.User(Sample.Admin)! with { Disabled = true })]);
        _loop.Take()();
        Assert.NotNull(verdict!.Refusal);
    }

    private static Hello WithSecret(string identity, string secret) =>
        new(PeerRole.Client, "team1", identity, ProofKind.Secret, secret, "test");

    private static Hello WithToken(string token) =>
        new(PeerRole.Worker, "team1", "demo01", ProofKind.Token, token, "test");

    private void ChangeSecret(UserId user) =>
        _roster.Apply([new Change.PutUser(_roster.User(user)! with { SecretHash = Secrets.Hash("new", cost: 4) })]);

    private string Issue(User user) => _tokens.Issue(Claims.Of(
        _roster.FindTeam("team1")!, user, _roster.MembershipOf(Sample.Team1, user.Id)!, PeerRole.Client, new(77), 5,
        Sample.Now.UnixMs, TimeSpan.FromHours(1)));

    private Verdict Check(Hello hello, string address = "10.0.0.1:4711", long waitedMs = 0)
    {
        Verdict? verdict = null;
        Instant now = Sample.Now with { SteadyMs = Sample.Now.SteadyMs + waitedMs };
        _credentials.Check(hello, address, now, answer => verdict = answer);
        while (verdict is null)
        {
            Assert.True(_loop.TryTake(out Action? next, TimeSpan.FromSeconds(20)), "no verdict came");
            next();
        }
        return verdict;
    }
}
