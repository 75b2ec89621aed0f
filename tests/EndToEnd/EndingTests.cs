using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A request that is ended from outside takes the whole process tree of its command with it.</summary>
public sealed class EndingTests : IAsyncLifetime
{
    // Ignores TERM, and so do a child, a grandchild that left the session, and one whose parent is gone.
    private readonly string _stubborn;
    private readonly string _mark = $"9{Random.Shared.Next(100_000, 999_999)}";
    private Site _site = null!;

    public EndingTests() => _stubborn =
        $"trap '' TERM; (trap '' TERM; setsid sleep {_mark}.1 & (sleep {_mark}.2 &) ; sleep {_mark}.3) & echo ready; "
        + $"while true; do sleep {_mark}.4; done";

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("w1");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_timeout_ends_the_command_and_all_its_descendants_within_two_seconds()
    {
        Ended ended = await _site.ClientAsync("w1", _stubborn, "-timeout", "2s");
        Assert.Equal(124, ended.ExitCode);
        await GoneAsync();
    }

    [Fact]
    public async Task An_interrupted_client_ends_the_command_and_all_its_descendants_and_says_130()
    {
        Child client = await StartStubbornAsync();
        client.Interrupt();
        Assert.Equal(130, await client.EndAsync());
        await GoneAsync();
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_ends_what_it_runs()
    {
        Child worker = await _site.WorkerAsync("w2");
        Child client = await StartStubbornAsync("w2");
        worker.Terminate();
        await worker.EndAsync();
        await GoneAsync();
        Assert.NotEqual(0, await client.EndAsync());
    }

    private async Task<Child> StartStubbornAsync(string service = "w1")
    {
        Child client = _site.Start(
            "client", "-service", service, "-plugin", "command/command", "-timeout", "1m", "-command", _stubborn);
        await client.LineAsync("ready");
        await Site.UntilAsync(() => Task.FromResult(Alive() >= 4), "the command did not start its children");
        return client;
    }

    private Task GoneAsync() => Site.UntilAsync(
        () => Task.FromResult(Alive() == 0), "some of the processes are still there", TimeSpan.FromSeconds(3));

    private int Alive() => Process.GetProcessesByName("sleep").Count(process =>
    {
        using (process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(_mark, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        }
    });
}
