using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.State;
using TriggerFs.Tests.Broker.Store;

namespace TriggerFs.Tests.Broker.Revisions;

/// <summary>Whatever is committed, set and gone back to, in whichever order.</summary>
public sealed class RandomRevisionsTests : IDisposable
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e"];
    private static readonly string[] Paths = ["/a", "/b", "/a/b", "/a/c", "/b/a", "/a/b/c", "/a/b/d"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Going_back_is_exact_and_checks_leave_no_trace_and_memory_and_disk_stay_the_same(int seed)
    {
        var random = new Random(seed);
        using var store = new SqliteStore(Path.Join(_folder.Path, "triggerfs.db"));
        SqliteStoreTests.Stored(store, SqliteStoreTests.Seeds);
        var scene = new Scene(store.Load());
        TestPeer admin = scene.User();
        Dictionary<long, string[]> was = new() { [0] = Shown(scene.Roster) };
        int done = 0, back = 0;
        for (int n = 0; n < 600; n++)
        {
            string[] before = Shown(scene.Roster);
            Commit commit = Any(random, scene.Roster.Revisions.Newest(Sample.Team1));
            bool isCheck = commit.Action is CommitAction.Check or CommitAction.CheckBack;
            bool isDone = Ask(scene, store, admin, commit);
            if (isCheck || !isDone) Assert.Equal(before, Shown(scene.Roster));
            if (isCheck || !isDone) continue;
            done++;
            long newest = scene.Roster.Revisions.Newest(Sample.Team1);
            was[newest] = Shown(scene.Roster);
            if (commit.Action != CommitAction.Back) continue;
            back++;
            Assert.Equal(was[commit.Target], was[newest]);
        }
        Assert.InRange(done, 60, 600);
        Assert.InRange(back, 10, 600);
        Assert.Equal(Shown(scene.Roster), Shown(new(store.Load())));
        Assert.Equal(Revisions(scene.Roster), Revisions(new(store.Load())));
    }

    private static bool Ask(Scene scene, SqliteStore store, TestPeer admin, Commit commit)
    {
        admin.Send(commit.Write);
        while (scene.World.Committing.TryDequeue(out (long Ticket, IReadOnlyList<Change> Changes) one))
        {
            // What the broker decides must be what the disk takes.
            TriggerException? problem = SqliteStoreTests.Commit(store, [.. one.Changes]);
            Assert.True(problem is null, problem?.Report());
            scene.State.Committed(one.Ticket, null, scene.Now);
        }
        Heard heard = admin.Read()[^1];
        Assert.True(heard.Refused is null or { Code: not ErrorCode.Internal }, $"{heard}");
        return heard.Kind is MessageKind.Done or MessageKind.Listing;
    }

    private static Commit Any(Random random, long newest)
    {
        CommitAction action = random.Next(10) switch
        {
            0 => CommitAction.Back,
            1 => CommitAction.CheckBack,
            2 => CommitAction.Check,
            _ => CommitAction.Store,
        };
        long target = Math.Max(0, newest - random.Next(12));
        Manage[] statements = action is CommitAction.Back or CommitAction.CheckBack ? []
            : [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Statement(random))];
        return new(new(900), action, newest, target, 0, "", statements);
    }

    private static Manage Statement(Random random)
    {
        string name = Pick(random, Names), other = Pick(random, Names), path = Pick(random, Paths);
        return random.Next(14) switch
        {
            0 => Of(Verb.Create, ObjectKind.Worker, name, ""),
            1 => Of(Verb.Delete, ObjectKind.Worker, name, ""),
            2 or 3 => Of(Verb.Create, ObjectKind.Service, name, ""),
            4 => Of(Verb.Delete, ObjectKind.Service, name, ""),
            5 => Of(Verb.Add, ObjectKind.Service, name, Properties.Workers, other),
            6 => Of(Verb.Rename, Pick(random, [ObjectKind.Worker, ObjectKind.Service]), name, "", other),
            7 => Of(Verb.Create, ObjectKind.Directory, path, ""),
            8 => Of(Verb.Delete, ObjectKind.Directory, path, ""),
            9 or 10 => Of(Verb.Create, ObjectKind.Trigger, path, ""),
            11 => Of(Verb.Delete, ObjectKind.Trigger, path, ""),
            12 => Of(Verb.Rename, ObjectKind.Node, path, "", Pick(random, Paths)),
            _ => Of(Verb.Add, ObjectKind.Trigger, path, Properties.Service, name),
        };
    }

    private static Manage Of(Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        new(default, verb, kind, name, property, values);

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    /// <summary>All of a team's configuration but when it changed, and tokens by what they are.</summary>
    private static string[] Shown(TriggerFs.Broker.Roster roster) =>
    [
        .. roster.Below(Sample.Team1, NodeId.Root).Select(node => $"{node with { UpdatedUnixMs = 0 }}"),
        .. roster.Workers(Sample.Team1).Select(worker =>
            $"{worker with { SealedToken = default, UpdatedUnixMs = 0 }} "
            + Convert.ToHexString(worker.SealedToken.AsSpan())),
        .. roster.Services(Sample.Team1).Select(service =>
            $"{service with { Workers = default, UpdatedUnixMs = 0 }} {string.Join(',', service.Workers)}"),
        .. roster.Services(Sample.Team1).Select(service => string.Join(',', roster.TriggersOf(service.Id))),
        .. Names.Select(name => $"{name} {roster.FindService(Sample.Team1, name)?.Id}"),
        .. roster.Workers(Sample.Team1).Select(worker =>
            $"{worker.Id} in {string.Join(',', roster.ServicesOf(worker.Id).Select(service => service.Id))}"),
    ];

    private static string[] Revisions(TriggerFs.Broker.Roster roster) =>
    [
        .. roster.Revisions.Of(Sample.Team1).Select(one =>
            $"{one.Number} {one.Kind} {one.Author} {string.Join(';', one.Lines)} {string.Join(';', one.Touched)} "
            + string.Join(';', one.Undo.Select(TriggerFs.Broker.Store.StoredChange.Of))),
    ];
}
