using System.Diagnostics;
using TriggerFs.Commands.Session;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// A client that is stopped in the middle of very much output (2 GB in a soak): nobody's memory grows, others go on,
/// and when it goes on it gets the rest, or is told why not.
/// </summary>
[Trait("Category", "Soak")]
public sealed class StoppedReaderTests(ITestOutputHelper report) : IAsyncLifetime
{
    private readonly bool _isSoak = Soak.Number("TRIGGERFS_SOAK_SECONDS") is not null;
    private Site _site = null!;
    private Child _worker = null!;

    private long Bytes => _isSoak ? 2_000_000_000 : 30_000_000;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        _worker = await _site.WorkerAsync("w1");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Who_does_not_read_for_a_while_gets_all_of_it_in_the_end()
    {
        using Process client = await StartAsync();
        await StopForAsync(client, TimeSpan.FromSeconds(1));
        long rest = await CountAsync(client);
        string said = await client.StandardError.ReadToEndAsync();
        await client.WaitForExitAsync();
        Assert.True(client.ExitCode == 0, said);
        Assert.Equal(Bytes, rest + 1);
        report.WriteLine($"in the end the broker has {_site.Broker.ResidentKiB} KiB, "
            + $"the worker {_worker.ResidentKiB} KiB");
    }

    [SkippableFact]
    public async Task Who_is_away_for_too_long_is_told_so()
    {
        Skip.IfNot(_isSoak, "it takes 20 s: make soak");
        using Process client = await StartAsync();
        await StopForAsync(client, TimeSpan.FromSeconds(20));
        long rest = await CountAsync(client);
        string said = await client.StandardError.ReadToEndAsync();
        await client.WaitForExitAsync();
        report.WriteLine($"{rest} bytes, exit status {client.ExitCode}: {said}");
        Assert.NotEqual(0, client.ExitCode);
        Assert.InRange(rest, 0, Bytes - 2);
        Assert.Contains("try:", said, StringComparison.Ordinal);
    }

    /// <summary>A client whose first byte has come.</summary>
    private async Task<Process> StartAsync()
    {
        Process client = Process.Start(RealProgram.Start(_site.Folder,
        [
            "--config", _site.SettingsFile, "client", "-service", "w1", "-plugin", "command/command", "-timeout", "10m",
            "-command", $"head -c {Bytes} /dev/zero",
        ]))!;
        client.StandardInput.Close();
        Assert.Equal(1, await client.StandardOutput.BaseStream.ReadAsync(new byte[1]));
        return client;
    }

    /// <summary>Others work meanwhile, and nobody keeps what the client does not take.</summary>
    private async Task StopForAsync(Process client, TimeSpan time)
    {
        (long broker, long worker) = (_site.Broker.ResidentKiB, _worker.ResidentKiB);
        await using UserSession other = _site.Session();
        await other.OpenAsync(TimeSpan.FromSeconds(30), default);
        const int Stop = 19, Continue = 18;
        Child.Send(client.Id, Stop);
        var clock = Stopwatch.StartNew();
        int answers = 0;
        for (; clock.Elapsed < time; answers++)
        {
            var answer = new Collected();
            other.Ask("w1", "command/command", [], "echo well"u8, TimeSpan.FromMinutes(1), 0, answer);
            Assert.Equal(("well\n", 0), await answer.EndAsync());
            Assert.InRange(_site.Broker.ResidentKiB - broker, long.MinValue, 32 * 1024);
            Assert.InRange(_worker.ResidentKiB - worker, long.MinValue, 32 * 1024);
            await Task.Delay(20);
        }
        report.WriteLine($"{answers} others were answered; the broker went from {broker} to {_site.Broker.ResidentKiB} "
            + $"KiB, the worker from {worker} to {_worker.ResidentKiB} KiB");
        Child.Send(client.Id, Continue);
    }

    private static async Task<long> CountAsync(Process client)
    {
        byte[] buffer = new byte[1 << 16];
        long count = 0;
        while (await client.StandardOutput.BaseStream.ReadAsync(buffer) is > 0 and int read) count += read;
        return count;
    }
}
