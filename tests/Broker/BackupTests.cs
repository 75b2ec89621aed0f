using System.Formats.Tar;
using TriggerFs.Broker;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker;

public sealed class BackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string State => Path.Join(_folder.Path, "state");

    private string File => Path.Join(_folder.Path, "backup.tar");

    private string Restored => Path.Join(_folder.Path, "restored");

    public BackupTests() => Installation.Create(State, new("team1"), new("hp"), "correct horse", cost: 4);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_backup_that_is_made_while_the_database_is_written_is_whole_and_has_what_was_stored_before()
    {
        using var store = new SqliteStore(Installation.Open(State).DatabasePath);
        for (int i = 0; i < 20; i++) Put(store, 100 + i);
        using var writing = new CancellationTokenSource();
        Thread writer = new(() =>
        {
            for (int i = 0; !writing.IsCancellationRequested; i++) Put(store, 1000 + i);
        });
        writer.Start();
        try
        {
            Backup.Write(State, File);
        }
        finally
        {
            writing.Cancel();
            writer.Join();
        }
        Backup.Restore(File, Restored);
        using var copy = new SqliteStore(Installation.Open(Restored).DatabasePath);
        Assert.Equal(20, copy.Load().Workers.Count(worker => worker.Id.Value < 1000));
        Assert.Equal(Installation.Open(State).SealKey, Installation.Open(Restored).SealKey);
    }

    [Fact]
    public void Only_its_owner_can_read_a_backup_and_nothing_is_left_beside_it()
    {
        Backup.Write(State, File);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal([File], Directory.EnumerateFiles(_folder.Path));
        Backup.Restore(File, Restored);
        foreach (string file in Directory.EnumerateFiles(Restored))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(file));
        Assert.Equal([Restored, State], Directory.EnumerateDirectories(_folder.Path).Order());
    }

    [Fact]
    public void Nothing_is_overwritten_by_a_backup_or_by_what_is_restored()
    {
        System.IO.File.WriteAllText(File, "mine");
        Assert.Equal(ErrorCode.Exists, Assert.Throws<TriggerException>(() => Backup.Write(State, File)).Code);
        Assert.Equal("mine", System.IO.File.ReadAllText(File));
        System.IO.File.Delete(File);
        Backup.Write(State, File);
        Assert.Equal(ErrorCode.Exists, Assert.Throws<TriggerException>(() => Backup.Restore(File, State)).Code);
    }

    [Fact]
    public void What_is_no_backup_is_refused_and_makes_no_folder()
    {
        System.IO.File.WriteAllText(File, "no archive at all");
        Refused();
        using (var archive = new TarWriter(System.IO.File.Create(File)))
        {
            var entry = new PaxTarEntry(TarEntryType.RegularFile, "../../evil.key") { DataStream = new MemoryStream() };
            archive.WriteEntry(entry);
        }
        Refused();
        Backup.Write(State, File + ".whole");
        byte[] bytes = System.IO.File.ReadAllBytes(File + ".whole");
        System.IO.File.WriteAllBytes(File, bytes[..(bytes.Length / 2)]);
        Refused();
        bytes.AsSpan(8192, 4096).Fill(0x5A);
        System.IO.File.WriteAllBytes(File, bytes);
        Refused();
        Assert.Equal([State], Directory.EnumerateDirectories(_folder.Path));

        void Refused() =>
            Assert.Contains(Assert.Throws<TriggerException>(() => Backup.Restore(File, Restored)).Code,
                (ErrorCode[])[ErrorCode.Storage, ErrorCode.Settings]);
    }

    private static void Put(SqliteStore store, int id)
    {
        using var stored = new ManualResetEventSlim();
        TriggerException? failure = null;
        UserId owner = store.Load().Users[0].Id;
        store.Commit([new Change.PutWorker(Sample.Worker(id, $"w{id}", store.Load().Teams[0].Id, owner))], problem =>
        {
            failure = problem;
            stored.Set();
        });
        stored.Wait();
        Assert.Null(failure);
    }
}
