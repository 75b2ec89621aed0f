using System.Collections.Concurrent;
using TriggerFs.Broker;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.Statements;
using TriggerFs.Tests.Transport;

namespace TriggerFs.Tests.Broker.Store;

/// <summary>What the store writes before it is where it will be: SQLite's -wal file, and numbers.</summary>
public sealed class WrittenAheadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string DatabasePath => Path.Join(_folder.Path, "triggerfs.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Where_commits_wait_for_no_disk_what_is_written_ahead_is_moved_into_the_database_while_they_go_on()
    {
        const int Count = 500;
        using (SqliteStore store = Seeded())
        {
            // Far more than is worth it, and less than a commit would move itself.
            for (int n = 0; n < Count; n++) Keep(store, new Change.PutMessage(Long(100 + n)));
            Wait.Until(() => new FileInfo(DatabasePath).Length > 8 * 1024 * 1024, "nothing was moved");
            Keep(store, new Change.PutMessage(Message(100 + Count, [1])));
        }
        using var again = new SqliteStore(DatabasePath, SyncRule.Interval);
        IReadOnlyList<QueuedMessage> messages = again.Load().Messages;
        Assert.Equal(Count + 1, messages.Count);
        Assert.Equal([1], messages[^1].Payload);
    }

    [Fact]
    public void A_backup_that_is_made_while_that_is_moved_is_whole_and_has_all_that_was_stored_before()
    {
        const int Waiting = 200;
        string state = Path.Join(_folder.Path, "state");
        Installation.Create(state, new("team1"), new("hp"), "correct horse", cost: 4);
        string database = Installation.Open(state).DatabasePath;
        long stored = 0;
        using (var store = new SqliteStore(database, SyncRule.Interval))
        {
            var writing = new CancellationTokenSource();
            Thread writer = new(() =>
            {
                for (long id = 100; !writing.IsCancellationRequested; Volatile.Write(ref stored, id++))
                    Keep(store, new Change.PutMessage(Long(id)), new Change.DropMessage(id - Waiting));
            });
            writer.Start();
            try
            {
                for (int backups = 0, duringMoves = 0; duringMoves < 3; backups++)
                {
                    Assert.True(backups < 1000, "nothing was moved during a backup");
                    DateTime moved = File.GetLastWriteTimeUtc(database);
                    long before = Volatile.Read(ref stored);
                    string archive = Path.Join(_folder.Path, $"{backups}.tar");
                    Backup.Write(state, archive);
                    if (File.GetLastWriteTimeUtc(database) > moved && before > 2 * Waiting)
                    {
                        duringMoves++;
                        AssertHas(Restored(archive), Waiting, before);
                    }
                    File.Delete(archive);
                }
            }
            finally
            {
                // Before the store ends: what fails in a thread would take the other tests along.
                writing.Cancel();
                writer.Join();
            }
        }
        AssertHas(database, Waiting, stored);
    }

    [SkippableFact]
    public void A_full_disk_under_what_is_moved_is_told_once_loses_nothing_and_is_moved_on_to_when_there_is_room()
    {
        using SmallDisk disk = SmallDisk.Mount(_folder.Path, "140m");
        string ballast = Path.Join(disk.Path, "ballast");
        string database = Path.Join(disk.Path, "triggerfs.db");
        File.WriteAllBytes(ballast, new byte[100 * 1024 * 1024]);
        var troubles = new ConcurrentQueue<TriggerException>();
        long id = 100;
        using (var store = new SqliteStore(database, SyncRule.Interval, troubles.Enqueue))
        {
            SqliteStoreTests.Stored(store, SqliteStoreTests.Seeds);
            // The database takes what the -wal file had first; there is no room for the next as well.
            for (int refused = 0; refused < 3;)
            {
                Assert.True(id < 1000, "a full disk takes everything");
                TriggerException? problem = Answer(store, new Change.PutMessage(Long(id)));
                if (problem is null) id++;
                else refused++;
                if (problem is not null) Assert.Equal(ErrorCode.Storage, problem.Code);
            }
            Wait.Until(() => !troubles.IsEmpty, "nobody was told");
            Assert.Contains("cannot be moved", Assert.Single(troubles).Message);

            File.Delete(ballast);
            long full = new FileInfo(database).Length;
            for (int n = 0; n < 300; n++) Keep(store, new Change.PutMessage(Long(id++)));
            Wait.Until(() => new FileInfo(database).Length > full, "nothing was moved any more");
            Assert.Single(troubles);
        }
        AssertHas(database, (int)(id - 100), id - 1);
    }

    [Fact]
    public void A_killed_broker_passes_over_numbers_that_were_written_down_for_messages_and_one_that_ends_does_not()
    {
        var copy = new TemporaryFolder();
        using (copy)
        {
            string killed;
            using (SqliteStore store = Seeded(SyncRule.Always))
            {
                SqliteStoreTests.Stored(store, [new Change.PutMessage(Message(70, []))]);
                killed = Killed(copy);
                SqliteStoreTests.Stored(store, [new Change.PutMessage(Message(71, [])), new Change.DropMessage(71)]);
            }
            using var next = new SqliteStore(DatabasePath);
            Assert.Equal(71, next.Load().LastId);
            using var afterKill = new SqliteStore(killed);
            Assert.Equal(70 + GivenNumbers.Ahead, afterKill.Load().LastId);
        }
    }

    [Fact]
    public void A_message_that_is_stored_once_more_after_a_start_takes_back_no_number()
    {
        using (SqliteStore store = Seeded(SyncRule.Always))
        {
            SqliteStoreTests.Stored(store, [new Change.PutMessage(Message(70, []))]);
            SqliteStoreTests.Stored(store, [new Change.PutMessage(Message(71, [])), new Change.DropMessage(71)]);
        }
        using (var store = new SqliteStore(DatabasePath))
            SqliteStoreTests.Stored(store, [new Change.PutMessage(Message(70, []) with { Attempt = 2 })]);
        using var again = new SqliteStore(DatabasePath);
        Assert.Equal(71, again.Load().LastId);
    }

    [Fact]
    public void Numbers_of_a_commit_that_failed_are_written_down_with_the_next_one()
    {
        var copy = new TemporaryFolder();
        using (copy)
        {
            using SqliteStore store = Seeded(SyncRule.Always);
            Assert.NotNull(SqliteStoreTests.Commit(store,
            [
                new Change.PutMessage(Message(70, [])),
                new Change.PutWorker(Sample.Worker(71, "a")), new Change.PutWorker(Sample.Worker(72, "a")),
            ]));
            SqliteStoreTests.Stored(store, [new Change.PutMessage(Message(73, []))]);
            using var afterKill = new SqliteStore(Killed(copy));
            Assert.True(afterKill.Load().LastId >= 73, "a number would be given twice");
        }
    }

    private static QueuedMessage Message(long id, byte[] payload) =>
        new(id, Sample.Team1, Sample.Admin, new(31), default, 0, 1, 1, payload);

    /// <summary>One of 16 pages.</summary>
    private static QueuedMessage Long(long id) => Message(id, new byte[64 * 1024]);

    private static void Keep(SqliteStore store, params Change[] changes) => Assert.Null(Answer(store, changes));

    private static TriggerException? Answer(SqliteStore store, params Change[] changes) =>
        SqliteStoreTests.Answer(done => store.Keep(changes, done));

    /// <summary>The database of a backup.</summary>
    private string Restored(string archive)
    {
        string folder = archive + ".restored";
        Backup.Restore(archive, folder);
        return Installation.Open(folder).DatabasePath;
    }

    /// <summary>That the last messages are in a database, whole, without a gap, and up to one at least.</summary>
    private static void AssertHas(string database, int count, long upTo)
    {
        using var store = new SqliteStore(database, SyncRule.Interval);
        IReadOnlyList<QueuedMessage> messages = store.Load().Messages;
        Assert.Equal(count, messages.Count);
        Assert.Equal(
            Enumerable.Range(0, count).Select(n => messages[0].Id + n), messages.Select(message => message.Id));
        Assert.All(messages, message => Assert.Equal(64 * 1024, message.Payload.Length));
        Assert.True(messages[^1].Id >= upTo, $"{messages[^1].Id} is the last, {upTo} was stored before");
    }

    /// <summary>The database as a broker that is killed now leaves it.</summary>
    private string Killed(TemporaryFolder folder)
    {
        string killed = Path.Join(folder.Path, "triggerfs.db");
        foreach (string end in (string[])["", "-wal"]) File.Copy(DatabasePath + end, killed + end);
        return killed;
    }

    private SqliteStore Seeded(SyncRule? queueSync = null)
    {
        var store = new SqliteStore(DatabasePath, queueSync ?? SyncRule.Interval);
        SqliteStoreTests.Stored(store, SqliteStoreTests.Seeds);
        return store;
    }
}
