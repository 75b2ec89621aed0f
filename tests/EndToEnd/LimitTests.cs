namespace TriggerFs.Tests.EndToEnd;

/// <summary>A real worker whose runs have limits.</summary>
public sealed class LimitedWorker : IAsyncLifetime
{
    private Site _site = null!;
    private Child _worker = null!;

    /// <summary>Whether it says that it cannot hold them for a whole run.</summary>
    public bool HasNoGroups => _worker.Text.Contains("not all limits hold for a whole run", StringComparison.Ordinal);

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await File.AppendAllTextAsync(
            _site.SettingsFile, "\n[workers]\nmemory = \"64M\"\npids = 20\ncpu = \"50%\"\n");
        _worker = await _site.WorkerAsync("demo01");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    internal Task<Ended> RunAsync(string command) => _site.ClientAsync("demo01", command, "-timeout", "30s");
}

/// <summary>Limits of a whole run, on a real worker.</summary>
public sealed class LimitTests(LimitedWorker worker) : IClassFixture<LimitedWorker>
{
    private const string NoGroups = "this kernel, or whoever runs the tests, has no control groups for them";

    [Fact]
    public async Task Commands_run_whether_there_are_control_groups_or_not()
    {
        Ended ended = await worker.RunAsync("echo hello");
        Assert.Equal((0, "hello\n"), (ended.ExitCode, ended.Out));
    }

    [SkippableFact]
    public async Task A_run_that_wants_more_processes_than_it_may_have_is_told_why()
    {
        Skip.If(worker.HasNoGroups, NoGroups);
        Ended ended = await worker.RunAsync("for i in $(seq 30); do sleep 5 & done; exit 1");
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("more processes than the settings' 'pids' allows", ended.Err);
    }

    [SkippableFact]
    public async Task A_run_that_needs_more_memory_than_it_may_have_is_ended_and_told_why()
    {
        Skip.If(worker.HasNoGroups, NoGroups);
        // Each process stays within what one may have; together they do not.
        const string Much = "for i in 1 2 3; do (head -c 40000000 /dev/zero | tail) & done; wait; exit 1";
        Ended ended = await worker.RunAsync(Much);
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains("more memory than the settings' 'memory' allows", ended.Err);
    }
}
