using System.Diagnostics;
using System.Globalization;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Streams of real plugins on real workers, heard by the real program.</summary>
public sealed class StreamTests(StreamSite streams) : IClassFixture<StreamSite>
{
    [Fact]
    public async Task Lines_are_shown_live_and_the_run_ends_when_the_last_listener_leaves()
    {
        string log = streams.NewLog("live.log", "one\n");
        Child first = streams.Listen(log);
        await first.LineAsync("^one$");
        Child second = streams.Listen(log, "--last", "1");
        await second.LineAsync("^one$");
        await File.AppendAllTextAsync(log, "two\n");
        await first.LineAsync("^two$");
        await second.LineAsync("^two$");
        (_, int process) = Assert.Single(StreamSite.Runs(log));
        string jobs = (await streams.Site.CliAsync("show jobs")).Out;
        Assert.Contains("follow", jobs, StringComparison.Ordinal);
        first.Interrupt();
        Assert.Equal(130, await first.EndAsync());
        await File.AppendAllTextAsync(log, "three\n");
        await second.LineAsync("^three$");
        second.Interrupt();
        Assert.Equal(130, await second.EndAsync());
        await StreamSite.GoneAsync(process);
        Assert.DoesNotContain("follow", (await streams.Site.CliAsync("show jobs")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_listeners_share_one_run_and_each_hears_every_line()
    {
        string log = streams.NewLog("fifty.log", "one\n");
        UserSession[] sessions = [.. Enumerable.Range(0, 5).Select(_ => streams.Site.Session())];
        foreach (UserSession session in sessions) await session.OpenAsync(TimeSpan.FromSeconds(30), default);
        byte[] args = Args.Encode([new("path", log)]);
        var order = new ListenOrder("logs", "follow", args, Listen.AllLines, TimeSpan.Zero);
        var answers = new List<Ear>();
        foreach (UserSession session in sessions)
        {
            for (int i = 0; i < 10; i++)
            {
                answers.Add(new());
                session.Listen(order, answers[^1]);
            }
        }
        await File.AppendAllTextAsync(log, "two\nthree\n");
        await Site.UntilAsync(() => Task.FromResult(answers.TrueForAll(
            ear => ear.Text == "one\ntwo\nthree\n")), "not all heard everything");
        (_, int process) = Assert.Single(StreamSite.Runs(log));
        foreach (UserSession session in sessions) await session.DisposeAsync();
        await StreamSite.GoneAsync(process);
    }

    [Fact]
    public async Task One_begins_with_the_last_lines_or_with_those_since_a_time()
    {
        string log = streams.NewLog("last.log", "one\ntwo\nthree\n");
        Child first = streams.Listen(log);
        await first.LineAsync("^three$");
        Child last = streams.Listen(log, "--last", "2");
        await last.LineAsync("^three$");
        Child since = streams.Listen(log, "--since", "1h");
        await since.LineAsync("^three$");
        Child both = streams.Listen(log, "--since", "1h", "--last", "1", "--output", "jsonl");
        await both.LineAsync("three");
        Child now = streams.Listen(log, "--since", "1ms");
        await Site.UntilAsync(async () =>
        {
            await File.AppendAllTextAsync(log, "four\n");
            return Array.TrueForAll((Child[])[last, since, both, now],
                child => child.Text.Contains("four", StringComparison.Ordinal));
        }, "not all hear what is new");
        Assert.StartsWith("two\nthree\nfour", last.Text, StringComparison.Ordinal);
        Assert.StartsWith("one\ntwo\nthree\nfour", since.Text, StringComparison.Ordinal);
        Assert.Equal(["three", "four"], both.Text.Split('\n').Take(2)
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("line").GetString()));
        Assert.StartsWith("four", now.Text, StringComparison.Ordinal);
        foreach (Child child in (Child[])[first, last, since, both, now])
        {
            child.Interrupt();
            await child.EndAsync();
        }
    }

    [Fact]
    public async Task A_killed_worker_is_followed_by_the_next_one_which_standard_error_says()
    {
        string log = streams.NewLog("killed.log", "one\n");
        Child listener = streams.Listen(log);
        await listener.LineAsync("^one$");
        (string worker, int process) = Assert.Single(StreamSite.Runs(log));
        string other = worker == "w1" ? "w2" : "w1";
        await streams.KillAsync(worker);
        Child.Send(process, 9); // What a worker leaves behind that was killed itself.
        try
        {
            await listener.LineAsync($"^triggerfs: worker {worker} was lost$");
            await listener.LineAsync($"^triggerfs: worker {other} goes on$");
            await File.AppendAllTextAsync(log, "two\n");
            await listener.LineAsync("^two$");
            Assert.Equal([worker, other], StreamSite.Runs(log).Select(run => run.Worker));
            listener.Interrupt();
            Assert.Equal(130, await listener.EndAsync());
            await StreamSite.GoneAsync(StreamSite.Runs(log)[^1].Process);
        }
        finally
        {
            await streams.WorkAsync(worker); // The other tests need both.
        }
    }

    [Fact]
    public async Task A_slow_listener_is_cut_off_and_the_others_get_everything()
    {
        using Process stopped = streams.Flood();
        Assert.NotNull(await stopped.StandardOutput.ReadLineAsync());
        using Process blocked = streams.Flood(); // Nobody reads what it prints from here on.
        Assert.NotNull(await blocked.StandardOutput.ReadLineAsync());
        using Process first = streams.Flood();
        using Process second = streams.Flood();
        Child.Send(stopped.Id, 19);
        try
        {
            // Far more than waits anywhere: the broker's megabyte, windows and pipes.
            long[] counts = await Task.WhenAll(CountAsync(first, 600_000), CountAsync(second, 600_000));
            Assert.Equal([600_000, 600_000], counts);
            await streams.Site.Broker.LineAsync("too slowly and is cut off");
            Task<string> told = blocked.StandardError.ReadToEndAsync();
            await blocked.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
            await blocked.WaitForExitAsync();
            string said = await told;
            Assert.True(said.Contains("you were cut off", StringComparison.Ordinal), said);
            Assert.Equal(75, blocked.ExitCode);
        }
        finally
        {
            foreach (Process process in (Process[])[stopped, blocked, first, second])
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }
    }

    [Fact]
    public async Task The_stream_that_the_page_on_plugins_shows_shows_a_file_as_it_grows()
    {
        string log = streams.NewLog("page.log", "old\n");
        Child listener = streams.Site.Start("listen", "-service", "logs", "-plugin", "tail", "-args", $"path={log}");
        await Site.UntilAsync(async () =>
        {
            await File.AppendAllTextAsync(log, "new\n");
            return listener.Text.Length > 0;
        }, "nothing was shown");
        Assert.StartsWith("new", listener.Text, StringComparison.Ordinal);
        listener.Interrupt();
        Assert.Equal(130, await listener.EndAsync());
    }

    [Fact]
    public async Task The_built_in_one_follows_a_file_and_ends_with_it_when_it_does_not_follow()
    {
        string log = streams.NewLog("built-in.log", "one\n");
        string[] listen = ["listen", "-service", "logs", "-plugin", "file/stream", "-args", $"path={log}"];
        Ended whole = await streams.Site.RunAsync(listen);
        Assert.Equal((0, "one\n"), (whole.ExitCode, whole.Out));
        Child listener = streams.Site.Start([.. listen, "-args", "follow=true"]);
        await listener.LineAsync("^one$");
        await File.AppendAllTextAsync(log, "two\n");
        await listener.LineAsync("^two$");
        listener.Interrupt();
        Assert.Equal(130, await listener.EndAsync());
    }

    [Fact]
    public async Task When_the_plugin_ends_its_exit_code_is_the_status()
    {
        Ended ended = await streams.Site.RunAsync("listen", "-service", "w1", "-plugin", "brief");
        Assert.Equal((3, "first\n", "odd\n"), (ended.ExitCode, ended.Out, ended.Err));
    }

    [Fact]
    public async Task What_is_no_stream_cannot_be_listened_to()
    {
        foreach (string plugin in (string[])["plain", "command/command", "echo"])
        {
            Ended ended = await streams.Site.RunAsync("listen", "-service", "w1", "-plugin", plugin);
            Assert.Equal(126, ended.ExitCode);
            Assert.Contains("is no stream", ended.Err, StringComparison.Ordinal);
        }
        Ended missing = await streams.Site.RunAsync("listen", "-service", "w1", "-plugin", "nosuch");
        Assert.Equal(127, missing.ExitCode);
        Ended unnamed = await streams.Site.RunAsync("client", "-listen", "-service", "w1");
        Assert.Equal(64, unnamed.ExitCode);
        Ended message = await streams.Site.RunAsync("client", "-listen", "-service", "w1", "-plugin", "follow",
            "-command", "x");
        Assert.Equal(64, message.ExitCode);
    }

    [Fact]
    public async Task After_a_restart_of_the_broker_listeners_come_back_and_the_stream_starts_anew()
    {
        string log = streams.NewLog("restart.log", "one\n");
        Child listener = streams.Listen(log);
        await listener.LineAsync("^one$");
        int process = Assert.Single(StreamSite.Runs(log)).Process;
        streams.Site.Broker.Kill();
        await streams.Site.Broker.EndAsync();
        await File.AppendAllTextAsync(log, "two\n");
        int mark = listener.Mark();
        await streams.Site.StartBrokerAsync();
        await listener.LineAsync("something may be missing here", mark);
        await listener.LineAsync("^two$", mark);
        await StreamSite.GoneAsync(process);
        listener.Interrupt();
        Assert.Equal(130, await listener.EndAsync());
        await StreamSite.GoneAsync(StreamSite.Runs(log)[^1].Process);
    }

    [Fact]
    public async Task A_stream_that_is_kept_runs_with_nobody_listening_follows_to_the_next_worker_and_outlives_brokers()
    {
        string log = streams.NewLog("kept.log", "one\n");
        await streams.Site.CliAsync($"set services logs keep add follow path={log}");
        (string worker, int process) = (await RunAsync(log, 1))[0];
        Assert.Contains($"follow path={log}", (await streams.Site.CliAsync("show services logs")).Out,
            StringComparison.Ordinal);
        Assert.Contains("follow", (await streams.Site.CliAsync("show jobs")).Out, StringComparison.Ordinal);

        Child listener = streams.Listen(log, "--last", "1");
        await listener.LineAsync("^one$");
        listener.Interrupt();
        Assert.Equal(130, await listener.EndAsync());

        await streams.KillAsync(worker);
        Child.Send(process, 9); // What a worker leaves behind that was killed itself.
        (string next, process) = (await RunAsync(log, 2))[1];
        Assert.NotEqual(worker, next);
        await streams.WorkAsync(worker);

        Child.Send(process, 15); // It ends by itself, and begins again.
        await StreamSite.GoneAsync(process);
        process = (await RunAsync(log, 3))[2].Process;

        streams.Site.Broker.Kill();
        await streams.Site.Broker.EndAsync();
        await streams.Site.StartBrokerAsync();
        int last = (await RunAsync(log, 4))[3].Process;
        await StreamSite.GoneAsync(process);

        await streams.Site.CliAsync($"set services logs keep remove follow path={log}");
        await StreamSite.GoneAsync(last);
        Assert.Equal(4, StreamSite.Runs(log).Length);
    }

    /// <summary>Waits for the n-th run of a file's stream.</summary>
    private static async Task<(string Worker, int Process)[]> RunAsync(string log, int runs)
    {
        await Site.UntilAsync(() => Task.FromResult(StreamSite.Runs(log).Length >= runs), $"there is no run {runs}",
            TimeSpan.FromSeconds(90));
        return StreamSite.Runs(log);
    }

    /// <summary>Reads numbers that must follow one another, so many; how many did.</summary>
    private static async Task<long> CountAsync(Process listener, long wanted)
    {
        long count = 0, last = 0;
        while (count < wanted && await listener.StandardOutput.ReadLineAsync() is { } line)
        {
            long number = long.Parse(line, CultureInfo.InvariantCulture);
            if (last != 0 && number != last + 1) return -number;
            last = number;
            count++;
        }
        return count;
    }

    /// <summary>Keeps what it hears, on the link's thread, for the test's.</summary>
    private sealed class Ear : IAnswers
    {
        private readonly StringBuilder _text = new();

        public bool ConsumesAtOnce => true;

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }

        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Output(in Output output)
        {
            if ((output.Flags & TriggerFs.Core.Messages.Output.IsNotice) != 0) return;
            lock (_text) _text.Append(Encoding.UTF8.GetString(output.Bytes));
        }

        public void Finished(in Finished finished)
        {
        }

        public void Failed(TriggerException problem)
        {
        }
    }
}
