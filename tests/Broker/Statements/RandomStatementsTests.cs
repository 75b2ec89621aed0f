using TriggerFs.Broker.Access;
using TriggerFs.Broker.Statements;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.Store;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class RandomStatementsTests : IDisposable
{
    private static readonly string[] Names =
        [
            "a", "b", "c", "d", "web", "a", "b", "c", "d", "hp", "alice", "bob", "../x", "", "a b", "team1/a",
            "\u001b[31m", "é",
        ];
    private static readonly string[] Paths =
        ["/a", "/b", "/c", "/a/b", "/a/c", "/b/a", "/a/b/c", "/a/b/c/d", "/", "//", "/.x", "/a/", "a/b", "/é/\u0001"];
    private static readonly string[] Words =
        ["mirror", "serial", "team", "public", "local", "stop", "line", "sync",
         "10000", "-1", "755", "0", "99999999999", "admin", "member", "observer", "true", "false",
         "bob@example.com"];
    private static readonly Actor[] Actors =
        [Desk.Admin, Desk.Admin, Desk.Alice, Desk.Bob, Desk.Eve, Desk.Mallory];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_asked_is_refused_or_stored_and_memory_and_disk_stay_the_same(int seed)
    {
        var random = new Random(seed);
        using var store = new SqliteStore(Path.Join(_folder.Path, "triggerfs.db"));
        SqliteStoreTests.Stored(store, SqliteStoreTests.Seeds);
        using var desk = new Desk(store.Load());
        int done = 0;
        for (int n = 0; n < 30_000; n++)
        {
            if (Ask(desk, random) is not { Changes.Count: > 0 } decision) continue;
            done++;
            desk.Roster.Apply(decision.Changes);
            store.Commit(decision.Changes, problem => Assert.Null(problem));
        }
        SqliteStoreTests.Stored(store, []);
        Assert.InRange(done, 300, 30_000);
        string[] memory = Shown(desk.Roster), disk = Shown(new(store.Load()));
        Assert.Equal([], memory.Except(disk).Concat(disk.Except(memory)));
        Assert.Equal(memory, disk);
    }

    private static Decision? Ask(Desk desk, Random random)
    {
        Row row = Pick(random, Registrar.Rows);
        // What makes things is asked for more often, else there is nothing to ask about.
        if (row.Verb is Verb.Delete or Verb.Remove && random.Next(3) > 0) row = Pick(random, Registrar.Rows);
        int count = random.Next(row.ValuesMin, Math.Min(row.ValuesMax, row.ValuesMin + 2) + 1);
        string[] values = Enumerable.Range(0, count).Select(_ => Value(random, row.Kind)).ToArray();
        string property = random.Next(50) == 0 ? "'; --" : row.Property;
        try
        {
            return desk.Decide(
                Pick(random, desk.Present(Actors)), row.Verb, row.Kind, Value(random, row.Kind), property, values);
        }
        catch (TriggerException refusal)
        {
            Assert.NotEqual(ErrorCode.Internal, refusal.Code);
            Assert.DoesNotContain(refusal.Report(), letter => char.IsControl(letter) && letter != '\n');
            return null;
        }
    }

    private static string Value(Random random, ObjectKind kind) => random.Next(6) switch
    {
        0 => Pick(random, Words),
        1 or 2 when kind == ObjectKind.Node => $"{random.Next(1, 60)}",
        1 or 2 or 3 when kind is ObjectKind.Trigger or ObjectKind.Directory or ObjectKind.Node => Pick(random, Paths),
        _ => Pick(random, Names),
    };

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    internal static string[] Shown(TriggerFs.Broker.Roster roster) =>
    [
        .. roster.Users.Select(user => $"{user}"),
        .. roster.Invitations(default).Select(invitation => $"{invitation}"),
        .. roster.Users.SelectMany(user => roster.LettersOf(user.Id)).Select(letter => $"{letter}"),
        .. roster.Users.SelectMany(user => roster.MembershipsOf(user.Id)).Select(place => $"{place}"),
        .. new[] { Sample.Team1, Sample.Team2 }.SelectMany(team => (string[])
        [
            // How new a root is lasts as long as the broker runs.
            .. roster.Snapshot(new(Sample.Admin, team, TeamRole.Admin)).Skip(1).Select(node => $"{node}"),
            .. roster.Workers(team).Select(worker => $"{worker with { SealedToken = default, SealedNext = default }}"),
            .. roster.Services(team).Select(service =>
                $"{service with { Workers = default }} {string.Join(',', service.Workers)}"),
        ]),
    ];
}
