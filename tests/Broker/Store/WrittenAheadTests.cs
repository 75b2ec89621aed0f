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
            for (int n = 0; n < Count; n++) Keep(store, Message(100 + n, new byte[64 * 1024]));
            Wait.Until(() => new FileInfo(DatabasePath).Length > 8 * 1024 * 1024, "nothing was moved");
            Keep(store, Message(100 + Count, [1]));
        }
        using var again = new SqliteStore(DatabasePath, SyncRule.Interval);
        IReadOnlyList<QueuedMessage> messages = again.Load().Messages;
        Assert.Equal(Count + 1, messages.Count);
        Assert.Equal([1], messages[^1].Payload);
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

    private static void Keep(SqliteStore store, QueuedMessage message)
    {
        using var done = new ManualResetEventSlim();
        TriggerException? answer = null;
        store.Keep([new Change.PutMessage(message)], problem =>
        {
            answer = problem;
            done.Set();
        });
        Assert.True(done.Wait(TimeSpan.FromSeconds(60)), "the store did not answer");
        Assert.Null(answer);
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
