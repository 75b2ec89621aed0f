using System.Text;
using TriggerFs.Commands;
using TriggerFs.Commands.Client;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Client;

/// <summary>What the client makes of the answers of many workers.</summary>
public sealed class FanOutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Descriptor _out;
    private long _consumed;

    public FanOutTests() => _out = Descriptor.OpenLog(Path.Combine(_folder.Path, "out"));

    private string Out => File.ReadAllText(Path.Combine(_folder.Path, "out"));

    [Theory]
    [InlineData("web1", "web1")]
    [InlineData("web[1-3]", "web1", "web3", "web2")]
    [InlineData("web[08-11,13]", "web13", "web11", "web10", "web09", "web08")]
    [InlineData("db, web[9-10]", "web9", "web10", "db")]
    [InlineData("web[1-2].example", "web2.example", "web1.example")]
    [InlineData("a[1,3]", "a3", "a1")]
    public void Names_are_told_in_ranges(string expected, params string[] names) =>
        Assert.Equal(expected, NameRanges.Of(names));

    [Fact]
    public void Very_many_different_names_are_counted()
    {
        string text = NameRanges.Of(Enumerable.Range(0, 1000).Select(i => $"host{(char)('a' + (i % 26))}{i}x{i % 7}y"));
        Assert.InRange(text.Length, 100, 1100);
        Assert.Matches(@" and \d+ more$", text);
    }

    [Fact]
    public void Equal_answers_are_printed_once_with_who_gave_them_the_most_common_first()
    {
        var printer = new FoldPrinter(_out, frame: null, Consume);
        printer.Dispatched(new(default, Algorithm.Mirror, 3, "s"));
        printer.Output(Chunk("w2", "old\n"));
        printer.Output(Chunk("w1", "upgr"));
        printer.Output(Chunk("w3", "upgraded\n"));
        printer.Output(Chunk("w1", "aded\n"));
        foreach (string worker in (string[])["w2", "w1", "w3"]) printer.Ended(new(worker, Outcome.Done, 0, 1, ""));
        Assert.Equal("", Out);
        printer.Close(new(0, null, 1));
        Assert.Equal("2 × exit code 0: w[1,3]\nupgraded\n\n1 × exit code 0: w2\nold\n\n", Out);
        Assert.Equal("old\nupgrupgraded\naded\n".Length, _consumed);
    }

    [Fact]
    public void Answers_differ_by_their_end_and_by_standard_error()
    {
        var printer = new FoldPrinter(_out, frame: null, Consume);
        foreach (string worker in (string[])["a", "b", "c", "d"]) printer.Output(Chunk(worker, "x"));
        printer.Output(new("b", true, "no disk"u8.ToArray(), false));
        printer.Ended(new("a", Outcome.Done, 0, 1, ""));
        printer.Ended(new("b", Outcome.Done, 0, 1, ""));
        printer.Ended(new("c", Outcome.Done, 3, 1, ""));
        printer.Ended(new("d", Outcome.TimedOut, 0, 1, ""));
        printer.Ended(new("e", Outcome.Offline, 0, 1, ""));
        printer.Close(new(0, null, 1));
        Assert.Equal(
            "1 × exit code 0: a\nx\n\n1 × exit code 0: b\nx\nstandard error:\nno disk\n\n1 × exit code 3: c\nx\n\n"
            + "1 × timed out: d\nx\n\n1 × offline: e\n\n",
            Out);
    }

    [Fact]
    public void A_tree_of_outputs_keeps_what_is_alike_once()
    {
        var tree = new OutputTree(1000);
        byte[] text = [.. Enumerable.Range(0, 900).Select(i => (byte)i)];
        OutputTrace[] traces = [.. Enumerable.Range(0, 50).Select(_ => tree.Begin())];
        var random = new Random(7);
        for (int at = 0, length; at < text.Length; at += length)
        {
            length = Math.Min(random.Next(1, 40), text.Length - at);
            foreach (OutputTrace trace in traces) trace.Add(text.AsSpan(at, length));
        }
        Assert.Single(traces.Select(trace => trace.Key()).Distinct());
        Assert.All(traces, trace => Assert.Equal(text, Whole(trace)));
    }

    [Fact]
    public void Outputs_beyond_the_bound_are_told_apart_and_not_kept()
    {
        var tree = new OutputTree(10);
        OutputTrace[] traces = [.. Enumerable.Range(0, 3).Select(_ => tree.Begin())];
        foreach (OutputTrace trace in traces) trace.Add("0123456"u8);
        foreach (OutputTrace trace in traces) trace.Add("789 and more"u8);
        traces[2].Add("!"u8);
        var keys = traces.Select(trace => trace.Key()).ToArray();
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
        Assert.Equal("0123456789", Encoding.ASCII.GetString(Whole(traces[2])));
        Assert.Equal(10, traces[2].Lost);
    }

    [Fact]
    public void Random_outputs_are_folded_as_their_bytes_say()
    {
        var random = new Random(11);
        var tree = new OutputTree(1 << 20);
        string[] texts = [.. Enumerable.Range(0, 300).Select(_ => new string([.. Enumerable
            .Range(0, random.Next(6)).Select(_ => "ab"[random.Next(2)])]))];
        OutputTrace[] traces = [.. texts.Select(_ => tree.Begin())];
        int[] done = new int[texts.Length];
        for (bool isMore = true; isMore;)
        {
            isMore = false;
            for (int i = 0; i < texts.Length; i++)
            {
                int length = random.Next(texts[i].Length - done[i] + 1);
                traces[i].Add(Encoding.ASCII.GetBytes(texts[i].Substring(done[i], length)));
                done[i] += length;
                isMore |= done[i] < texts[i].Length;
            }
        }
        var keys = traces.Select(trace => trace.Key()).ToArray();
        for (int i = 0; i < texts.Length; i++)
        {
            Assert.Equal(texts[i], Encoding.ASCII.GetString(Whole(traces[i])));
            Assert.Equal(Array.IndexOf(texts, texts[i]), Array.IndexOf(keys, keys[i]));
        }
    }

    [Fact]
    public void Progress_is_one_line_below_the_output_and_gone_at_the_end()
    {
        var tally = new RunTally(null) { Workers = 2 };
        var printer = new ProgressPrinter(
            new PipePrinter("p", _out, _out, frame: null, Consume), tally, _out, isShared: true);
        printer.Dispatched(new(default, Algorithm.Mirror, 2, "s"));
        printer.Output(Chunk("w1", "hello\n"));
        foreach (RunEnd end in (RunEnd[])[new("w1", Outcome.Done, 0, 1, ""), new("w2", Outcome.Done, 9, 1, "")])
        {
            tally.Add(end);
            printer.Ended(end);
        }
        printer.Close(new(9, null, 1));
        const string gone = "\r\u001b[K";
        Assert.Equal(
            $"0 done, 0 failed, 2 running of 2 workers{gone}[p@w1] hello\n"
            + $"0 done, 0 failed, 2 running of 2 workers{gone}1 done, 0 failed, 1 running of 2 workers{gone}"
            + $"1 done, 1 failed, 0 running of 2 workers{gone}",
            Out);
    }

    [Fact]
    public void Progress_of_one_worker_is_not_shown()
    {
        var printer = new ProgressPrinter(
            new PipePrinter("p", _out, _out, frame: null, Consume), new(null) { Workers = 1 }, _out, isShared: true);
        printer.Dispatched(new(default, Algorithm.RoundRobin, 1, "s"));
        printer.Output(Chunk("w1", "x"));
        Assert.Equal("x", Out);
    }

    [Fact]
    public void Too_many_failures_have_an_exit_status_of_their_own()
    {
        var tally = new RunTally(new(0, 1, false, [])) { Workers = 4 };
        tally.Add(new("a", Outcome.Done, 3, 1, ""));
        Assert.Equal(3, tally.Status);
        tally.Add(new("b", Outcome.Done, 3, 1, ""));
        tally.Add(new("c", Outcome.Cancelled, 143, 1, ""));
        tally.Add(new("d", Outcome.Done, 0, 1, ""));
        Assert.Equal(ExitCodes.Halted, tally.Status);
        Assert.Equal((1, 0), (tally.Done, tally.Running));
        Assert.Equal(["a", "b", "c"], tally.Failed);
    }

    [Fact]
    public void Who_was_spared_means_that_it_was_stopped()
    {
        var tally = new RunTally(new(1, RolloutRules.AnyFailures, false, [])) { Workers = 2 };
        tally.Add(new("a", Outcome.Done, 3, 1, ""));
        tally.Add(new("b", Outcome.Skipped, 0, 1, "it was not started"));
        Assert.Equal((ExitCodes.Halted, 1), (tally.Status, tally.Skipped));
    }

    [Fact]
    public void A_failed_run_is_kept_for_its_user_alone_and_found_by_its_number()
    {
        string folder = Path.Combine(_folder.Path, "runs");
        var runs = new FailedRuns(folder);
        FailedRun run = Run("w1");
        Assert.Equal(1, runs.Keep(run));
        Assert.Equal(2, new FailedRuns(folder).Keep(Run("w2")));
        Assert.Equal(["w1"], runs.Read("1").Failed);
        Assert.Equal(run.Payload, runs.Read("1").Payload);
        Assert.Equal(UnixFileMode.None, (File.GetUnixFileMode(folder) | File.GetUnixFileMode($"{folder}/1.json"))
            & (UnixFileMode.GroupRead | UnixFileMode.OtherRead));
    }

    [Fact]
    public void Only_the_newest_failed_runs_are_kept()
    {
        var runs = new FailedRuns(Path.Combine(_folder.Path, "runs"));
        for (int i = 0; i < FailedRuns.CountMax + 3; i++) runs.Keep(Run($"w{i}"));
        Assert.Equal(FailedRuns.CountMax, Directory.GetFiles(Path.Combine(_folder.Path, "runs")).Length);
        Assert.Equal(["w102"], runs.Read("103").Failed);
        Assert.Equal(ErrorCode.NotFound, Assert.Throws<TriggerException>(() => runs.Read("3")).Code);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("../7")]
    [InlineData("")]
    public void A_run_that_was_not_kept_is_not_found(string number) => Assert.Equal(ErrorCode.NotFound,
        Assert.Throws<TriggerException>(() => new FailedRuns(_folder.Path).Read(number)).Code);

    [Fact]
    public void A_damaged_record_is_told()
    {
        _folder.Write("5.json", "{");
        Assert.Equal(ErrorCode.Storage,
            Assert.Throws<TriggerException>(() => new FailedRuns(_folder.Path).Read("5")).Code);
    }

    public void Dispose()
    {
        _out.Dispose();
        _folder.Dispose();
    }

    private static FailedRun Run(string failed) =>
        new(DateTimeOffset.UnixEpoch, "s", "p", 1500, [1, 2], "uptime"u8.ToArray(), [failed]);

    private static byte[] Whole(OutputTrace trace) => [.. trace.Pieces().SelectMany(piece => piece.ToArray())];

    private static OutputChunk Chunk(string worker, string text) =>
        new(worker, false, Encoding.UTF8.GetBytes(text), false);

    private void Consume(OutputChunk chunk) => _consumed += chunk.Bytes.Length;
}
