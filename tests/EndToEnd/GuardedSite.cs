using System.Globalization;
using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Store;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;
using TriggerFs.Tests.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// A site for those who try what they may not: a second team beside the first, the first one's worker <c>w1</c>, and
/// the broker's own key for JWTs.
/// </summary>
public sealed class GuardedSite : IAsyncLifetime
{
    internal const string OtherTeam = "team2";
    internal const string OtherService = "payroll";
    internal const string OtherWorker = "vault01";
    internal const string OtherToken = "6f1c1d1e-51a7-4d63-9c5e-3f0f7a1b2c3d";

    private Claims _admin = null!;

    internal Site Site { get; private set; } = null!;

    /// <summary>Signs JWTs as the broker does.</summary>
    internal Tokens Tokens { get; private set; } = null!;

    internal int Port => int.Parse(Site.Address.Split(':')[^1], CultureInfo.InvariantCulture);

    public async Task InitializeAsync()
    {
        Site = await Site.InitAsync();
        Installation installation = Installation.Open(Path.Join(Site.Folder, "site", "state"));
        Tokens = new(installation.SigningKey);
        using (var store = new SqliteStore(installation.DatabasePath))
        {
            var roster = new Roster(store.Load());
            Team team = roster.FindTeam(Site.Team)!;
            User admin = roster.FindUser(Site.Identity)!;
            _admin = Claims.Of(
                team, admin, roster.MembershipOf(team.Id, admin.Id)!, PeerRole.Client, default, 0, 0, default);
            AddOtherTeam(store, roster, installation.SealKey);
        }
        await Site.StartBrokerAsync();
        await Site.WorkerAsync("w1");
    }

    public async Task DisposeAsync() => await Site.DisposeAsync();

    /// <summary>What a JWT of the admin says, issued and expiring so long from now.</summary>
    internal Claims Admin(TimeSpan issued, TimeSpan expires)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return _admin with
        {
            Session = new((UInt128)Random.Shared.NextInt64(1, long.MaxValue)),
            IssuedUnixS = (now + issued).ToUnixTimeSeconds(),
            ExpiresUnixS = (now + expires).ToUnixTimeSeconds(),
        };
    }

    /// <summary>A JWT that the broker takes.</summary>
    internal string GoodJwt() => Tokens.Issue(Admin(TimeSpan.Zero, TimeSpan.FromHours(1)));

    /// <summary>A peer that is connected, and has said nothing.</summary>
    internal RawPeer Stranger() => new RawPeer(Port, Site.BrokerKey).Shake();

    /// <summary>A peer with a session of the admin.</summary>
    internal RawPeer SignedIn()
    {
        RawPeer peer = Stranger();
        var hello = new WireWriter();
        new Hello(PeerRole.Client, Site.Team, Site.Identity, ProofKind.Jwt, GoodJwt(), "tests").Write(hello);
        peer.Send(hello.Written);
        while (peer.Messages.Count == 0) Assert.True(peer.ReadSome(), "the broker closed instead of an answer");
        Assert.Equal(MessageKind.Accepted, (MessageKind)peer.Messages[0][0]);
        peer.Messages.Clear();
        return peer;
    }

    /// <summary>The broker and its worker serve a good client, soon, and nothing in the broker broke.</summary>
    internal async Task ServesAsync()
    {
        await using UserSession session = Site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(5), default);
        var answer = new Collected();
        session.Ask("w1", "echo", [], "still there"u8, TimeSpan.FromSeconds(5), 0, answer);
        Assert.Equal(("still there", 0), await answer.EndAsync());
        Assert.False(Site.Broker.HasExited);
        Assert.DoesNotContain(" E: ", Site.Broker.Text, StringComparison.Ordinal);
    }

    private static void AddOtherTeam(SqliteStore store, Roster roster, byte[] sealKey)
    {
        using var seal = new TokenSeal(sealKey);
        var team = new Team(new(roster.NextId()), new(OtherTeam), 1);
        var user = new User(new(roster.NextId()), new("eve"), Secrets.Hash("the secret of eve", 4), false, 1, 1);
        var id = new WorkerId(roster.NextId());
        var worker = new Worker(
            id, team.Id, new(OtherWorker), "", seal.Seal(id, OtherToken, Random.Shared.NextBytes), user.Id, 1, 1);
        var service = new Service(
            new(roster.NextId()), team.Id, new(OtherService), "", Algorithm.RoundRobin, OnFailure.Continue, 0, 0,
            Visibility.Team, user.Id, [id], 1, 1);
        var stored = new TaskCompletionSource<TriggerException?>();
        store.Commit(
            [
                new Change.PutTeam(team), new Change.PutUser(user),
                new Change.PutMembership(new(team.Id, user.Id, TeamRole.Admin)),
                new Change.PutWorker(worker), new Change.PutService(service),
            ],
            stored.SetResult);
        Assert.Null(stored.Task.Result);
    }
}
