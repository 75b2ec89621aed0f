using System.Diagnostics;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Store;

public sealed class StoreCrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string DatabasePath => Path.Join(_folder.Path, "triggerfs.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_reported_done_survives_a_kill_at_any_moment()
    {
        using (var store = new SqliteStore(DatabasePath))
        {
            Change service = new Change.PutService(Sample.Service(20, "all"));
            SqliteStoreTests.Stored(store, [.. SqliteStoreTests.Seeds, service]);
        }
        var random = new Random(4711);
        for (int round = 0; round < 5; round++)
        {
            bool isLazy = round % 2 == 1;
            long[] reported = WriteAndKill(after: random.Next(1, 400), isLazy ? "interval 1m" : "always");
            using var store = new SqliteStore(DatabasePath);
            StoredState state = store.Load();
            Assert.Subset(state.Workers.Select(worker => worker.Id.Value).ToHashSet(), reported.ToHashSet());
            // Each commit attaches its worker: the last of them did so, or the half of one was found.
            Assert.Equal(state.Workers[^1].Id, Assert.Single(state.Services[0].Workers));
            // With a power cut instead of a kill, one that did not sync may have given numbers that are in no file.
            Assert.Equal(state.Workers[^1].Id.Value + (isLazy ? LastRun.NumbersSkipped : 0), state.LastId);
        }
    }

    [SkippableFact]
    public void A_full_disk_refuses_changes_changes_nothing_and_goes_on_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        string ballast = Path.Join(disk.Path, "ballast");
        using var store = new SqliteStore(Path.Join(disk.Path, "triggerfs.db"));
        SqliteStoreTests.Stored(store, SqliteStoreTests.Seeds);

        disk.Fill(ballast);
        var refused = new List<TriggerException>();
        long id = 100;
        string text = new('x', 1000);
        for (int n = 0; n < 200 && refused.Count < 3; n++)
        {
            Worker worker = Sample.Worker(++id, $"w{id}") with { Description = text };
            if (SqliteStoreTests.Commit(store, [new Change.PutWorker(worker)]) is { } refusal) refused.Add(refusal);
        }
        Assert.Equal(3, refused.Count);
        Assert.All(refused, refusal => Assert.Equal(ErrorCode.Storage, refusal.Code));
        Assert.Equal(id - 100 - 3, store.Load().Workers.Count);

        File.Delete(ballast);
        SqliteStoreTests.Stored(store, [new Change.PutWorker(Sample.Worker(900, "after"))]);
        Assert.Equal(id - 100 - 2, store.Load().Workers.Count);
    }

    [SkippableFact]
    public void Hits_that_a_full_disk_refused_are_kept_and_written_later()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        string ballast = Path.Join(disk.Path, "ballast");
        int troubles = 0;
        using var store = new SqliteStore(
            Path.Join(disk.Path, "triggerfs.db"), trouble: _ => Interlocked.Increment(ref troubles));
        Node[] triggers = Enumerable.Range(100, 1000).Select(n => Sample.Trigger((ulong)n, $"t{n}", 30)).ToArray();
        SqliteStoreTests.Stored(store,
        [
            .. SqliteStoreTests.Seeds, new Change.PutNode(Sample.Directory(30, "d")),
            .. triggers.Select(trigger => new Change.PutNode(trigger)),
        ]);

        disk.Fill(ballast);
        for (ulong count = 1; Volatile.Read(ref troubles) == 0; count++)
        {
            Assert.InRange(count, 1UL, 1000UL);
            store.Count(triggers.Select(trigger => new TriggerHits(trigger.Id, count, 1)).ToArray());
            Thread.Sleep(20);
        }
        File.Delete(ballast);
        TriggerHits[] last = triggers.Select(trigger => new TriggerHits(trigger.Id, 4711, 2)).ToArray();
        store.Count(last);
        long deadline = Environment.TickCount64 + 20_000;
        while (!store.Load().Hits.SequenceEqual(last))
        {
            Assert.True(Environment.TickCount64 < deadline, "the hits were not written");
            Thread.Sleep(20);
        }
    }

    private long[] WriteAndKill(int after, string sync)
    {
        string[] arguments = [typeof(Program).Assembly.Location, "store-writer", DatabasePath, sync];
        using var child = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        try
        {
            var reported = new List<long>();
            while (reported.Count < after)
                reported.Add(long.Parse(child.StandardOutput.ReadLine()!));
            child.Kill();
            // What it had reported before it was killed counts, too; a line cut short does not.
            string[] rest = child.StandardOutput.ReadToEnd().Split('\n');
            reported.AddRange(rest[..^1].Select(long.Parse));
            return [.. reported];
        }
        finally
        {
            child.Kill();
            child.WaitForExit();
        }
    }
}
