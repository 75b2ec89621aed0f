using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Tests.EndToEnd.Attack;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>What a broker has on its disk: in a backup that was made under load, and in a damaged file.</summary>
public sealed class KeptTests : IAsyncLifetime
{
    private Site _site = null!;

    private string State => Path.Join(_site.Folder, "site", "state");

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Nothing_that_was_stored_before_a_backup_under_load_is_lost_when_it_is_restored()
    {
        Child worker = await _site.WorkerAsync("w1", "--jobs", "8");
        await _site.ServiceAsync("svc", "roundrobin", "w1");
        worker.Terminate();
        await worker.EndAsync();
        var executions = new Executions(Path.Join(_site.Folder, "executions"));
        await using var load = new Load(_site, executions);
        await load.ReachesAsync(50);
        List<int> before = load.Stored;
        string backup = Path.Join(_site.Folder, "backup.tar"), state = Path.Join(_site.Folder, "restored");
        Ended made = await _site.RunAsync("broker", "backup", backup);
        Assert.True(made.ExitCode == 0, made.Err);
        await load.ReachesAsync(before.Count + 1); // It went on.
        await load.StopAsync();

        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        Ended restored = await _site.RunAsync("broker", "restore", backup, "--dir", state);
        Assert.True(restored.ExitCode == 0, restored.Err);
        await _site.StartBrokerAsync("--state", state);
        await _site.WorkerAsync("w1", "--jobs", "8");
        await executions.AwaitAsync(new Dictionary<string, List<int>> { ["svc"] = before }, "the backup");
    }

    [Fact]
    public async Task A_broker_whose_database_is_damaged_does_not_start_and_says_how_it_is_restored()
    {
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        string database = Assert.Single(Directory.GetFiles(State, "*.db"));
        File.Delete(database + "-wal");
        byte[] bytes = await File.ReadAllBytesAsync(database);
        // Every page but the first, which says what the others are.
        for (int at = 4096; at < bytes.Length; at += 64) bytes[at] ^= 0x5A;
        await File.WriteAllBytesAsync(database, bytes);
        Ended refused = await _site.RunAsync("broker");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"{database} is damaged", refused.Err);
        Assert.Contains("triggerfs broker restore", refused.Err);
        Assert.DoesNotContain("   at ", refused.Err);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(database));
    }

    /// <summary>Posts messages to a service, each at once when the one before is stored.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly List<int> _stored = [];
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Load(Site site, Executions executions) => _running = RunAsync(site.Session(), executions);

        /// <summary>The numbers of those that are on the broker's disk.</summary>
        public List<int> Stored
        {
            get
            {
                lock (_stored) return [.. _stored];
            }
        }

        public Task ReachesAsync(int count) => Site.UntilAsync(
            () => Task.FromResult(Stored.Count >= count), $"{count} messages were not stored");

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _running;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        private async Task RunAsync(UserSession session, Executions executions)
        {
            await session.OpenAsync(TimeSpan.FromSeconds(30), default);
            for (int number = 1; !_stop.IsCancellationRequested; number++)
            {
                byte[] command = Encoding.UTF8.GetBytes(executions.Command("svc", number));
                await PostedMessage.SendAsync(session, "svc", command, new(new UInt128(4711, (ulong)number)));
                lock (_stored) _stored.Add(number);
            }
            await session.DisposeAsync();
        }
    }
}
