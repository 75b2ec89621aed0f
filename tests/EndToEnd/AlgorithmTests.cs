using System.Diagnostics;
using System.Globalization;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// Services with three real workers: who runs a request, in which order, and what happens when one dies.
/// </summary>
public sealed class AlgorithmTests : IAsyncLifetime
{
    private static readonly string[] Three = ["w1", "w2", "w3"];

    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Roundrobin_gives_every_worker_the_same_share()
    {
        await StartThreeAsync("roundrobin");
        var share = Three.ToDictionary(worker => worker, _ => 0);
        for (int i = 0; i < 12; i++)
        {
            Ended ended = await _site.ClientAsync("svc", "echo $TRIGGERFS_WORKER");
            Assert.Equal(0, ended.ExitCode);
            share[ended.Out.Trim()]++;
        }
        Assert.All(share.Values, count => Assert.InRange(count, 3, 5));
    }

    [Fact]
    public async Task Serial_runs_one_worker_after_another_in_the_order_in_which_they_were_attached()
    {
        await StartThreeAsync("serial");
        List<Span> spans = await SpansAsync();
        Assert.Equal(Three, spans.Select(span => span.Worker));
        Assert.True(spans[0].End <= spans[1].Start && spans[1].End <= spans[2].Start, "two runs overlapped");
    }

    [Fact]
    public async Task Mirror_runs_all_workers_at_once_and_answers_for_each()
    {
        await StartThreeAsync("mirror");
        List<Span> spans = await SpansAsync();
        Assert.Equal(Three, spans.Select(span => span.Worker).Order());
        Assert.True(spans.Max(span => span.Start) < spans.Min(span => span.End), "the runs did not overlap");
    }

    [Fact]
    public async Task The_exit_status_of_several_workers_is_the_highest()
    {
        await StartThreeAsync("mirror");
        Ended ended = await _site.ClientAsync("svc", "exit ${TRIGGERFS_WORKER#w}");
        Assert.Equal(3, ended.ExitCode);
    }

    [Fact]
    public async Task What_waits_for_a_killed_worker_moves_on_and_what_it_had_started_is_lost_by_name()
    {
        Child doomed = await _site.WorkerAsync("w1", "--jobs", "1");
        await _site.WorkerAsync("w2", "--jobs", "1");
        await _site.ServiceAsync("svc", "roundrobin", "w1", "w2");
        Task<Ended>[] requests =
        [
            .. Enumerable.Range(0, 6).Select(i => _site.ClientAsync(
                "svc", $"touch started-$TRIGGERFS_WORKER-{i}; sleep 1; echo $TRIGGERFS_WORKER", "-timeout", "60s")),
        ];
        await Site.UntilAsync(() => Task.FromResult(Started("w1") == 1 && Started("w2") >= 1), "no run started");
        doomed.Kill();
        Ended[] ended = await Task.WhenAll(requests);
        Ended lost = Assert.Single(ended, one => one.ExitCode != 0);
        Assert.Contains("worker lost", lost.Err, StringComparison.OrdinalIgnoreCase);
        Assert.All(ended.Where(one => one.ExitCode == 0), one => Assert.Equal("w2\n", one.Out));
        Assert.Equal(6, Started("w1") + Started("w2"));
    }

    [Fact]
    public async Task Without_a_worker_a_request_fails_at_once_and_says_what_to_do()
    {
        await _site.CliAsync("set workers identity w1");
        await _site.ServiceAsync("svc", "roundrobin", "w1");
        var clock = Stopwatch.StartNew();
        Ended ended = await _site.ClientAsync("svc", "true", "-timeout", "60s");
        Assert.Equal(69, ended.ExitCode);
        Assert.Contains("no worker is online for service 'svc'", ended.Err, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    private int Started(string worker) => Directory.GetFiles(_site.Folder, $"started-{worker}-*").Length;

    private async Task StartThreeAsync(string algorithm)
    {
        foreach (string worker in Three) await _site.WorkerAsync(worker);
        await _site.ServiceAsync("svc", algorithm, Three);
    }

    /// <summary>When each worker's run of one request started and ended, in the order in which they started.</summary>
    private async Task<List<Span>> SpansAsync()
    {
        Ended ended = await _site.ClientAsync(
            "svc", "echo start $TRIGGERFS_WORKER $(date +%s%N); sleep 0.5; echo end $TRIGGERFS_WORKER $(date +%s%N)");
        Assert.Equal(0, ended.ExitCode);
        var times = ended.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..].Split(' '))
            .Select(words => (What: words[0], Worker: words[1], At: long.Parse(words[2], CultureInfo.InvariantCulture)))
            .ToList();
        return
        [
            .. times.Where(time => time.What == "start").OrderBy(time => time.At).Select(start => new Span(
                start.Worker, start.At, times.Single(time => time.What == "end" && time.Worker == start.Worker).At)),
        ];
    }

    private sealed record Span(string Worker, long Start, long End);
}
