using System.Text.Json;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Broadcasts to real workers, of which one is stopped.</summary>
public sealed class BroadcastTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        Child[] workers = [await _site.WorkerAsync("w1"), await _site.WorkerAsync("w2"), await _site.WorkerAsync("w3")];
        await _site.ServiceAsync("svc", "roundrobin", "w1", "w2", "w3");
        workers[2].Terminate();
        await workers[2].EndAsync();
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Every_worker_that_is_online_takes_it_and_none_is_waited_for()
    {
        // Longer than a window of output, which nobody reads.
        string command = $"yes | head -c 2000000; while [ ! -e {Path("go")} ]; do sleep 0.05; done; "
            + $"touch {Path("")}/done-$TRIGGERFS_WORKER";
        Ended ended = await _site.ClientAsync("svc", command, "-broadcast", "-timeout", "60s");
        Assert.Equal((0, "taken by 2 of 3 workers\n"), (ended.ExitCode, ended.Out));
        Assert.Contains("worker 'w3' is not online", ended.Err, StringComparison.Ordinal);
        Assert.False(File.Exists(Path("done-w1")) || File.Exists(Path("done-w2")));
        await File.WriteAllTextAsync(Path("go"), "");
        await Site.UntilAsync(
            () => Task.FromResult(File.Exists(Path("done-w1")) && File.Exists(Path("done-w2"))), "it did not go on");
        Assert.False(File.Exists(Path("done-w3")));
    }

    [Fact]
    public async Task Who_took_it_is_in_the_JSON_and_when_nobody_is_online_the_status_says_so()
    {
        Ended ended = await _site.ClientAsync("svc", "true", "--broadcast", "--output", "json");
        Assert.Equal(0, ended.ExitCode);
        JsonElement runs = JsonDocument.Parse(ended.Out).RootElement.GetProperty("runs");
        Assert.Equal(["w1 taken", "w2 taken", "w3 offline"], runs.EnumerateArray()
            .Select(run => $"{run.GetProperty("worker")} {run.GetProperty("outcome")}").Order());
        Ended nobody = await _site.ClientAsync("w3", "true", "-broadcast");
        Assert.Equal((69, ""), (nobody.ExitCode, nobody.Out));
        Assert.Contains("no worker is online for service 'w3'", nobody.Err, StringComparison.Ordinal);
    }

    private string Path(string name) => System.IO.Path.Combine(_site.Folder, name);
}
