using System.Text;

namespace TriggerFs.Tests.EndToEnd.FanOut;

/// <summary>Two hundred workers; <c>make bench</c> has a thousand.</summary>
public sealed class TwoHundredWorkers() : MirroredWorkers(200);

/// <summary>One request to so many hosts that nobody looks at each.</summary>
public sealed class ManyHostsTests(TwoHundredWorkers many) : IClassFixture<TwoHundredWorkers>
{
    private static readonly string EachTenth =
        $"w[{string.Join(',', Enumerable.Range(0, 20).Select(tenth => $"{10 * tenth:D3}"))}]";

    private readonly Site _site = many.Site;

    [Fact]
    public async Task Two_hundred_equal_answers_are_one()
    {
        Ended ended = await AskAsync("echo", "hello", "--fold");
        Assert.Equal((0, "200 × exit code 0: w[000-199]\nhello\n\n"), (ended.ExitCode, ended.Out));
    }

    [Fact]
    public async Task What_goes_to_two_hundred_workers_and_back_comes_whole()
    {
        string message = new('x', 100_000);
        Ended ended = await AskAsync("echo", message);
        Assert.True(ended.ExitCode == 0, ended.Err);
        Assert.Equal(200 * message.Length, ended.OutBytes.AsSpan().Count((byte)'x'));
    }

    [Fact]
    public async Task A_canary_of_ten_of_which_one_fails_spares_a_hundred_and_ninety()
    {
        Ended ended = await AskAsync(ManyWorkers.Check, "hello", "--canary", "10", "--fold");
        Assert.Equal(79, ended.ExitCode);
        Assert.Contains("190 × skipped: w[010-199]\n", ended.Out, StringComparison.Ordinal);
        Assert.Contains("9 × exit code 0: w[001-009]\nhello\n", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_failures_of_two_hundred_stop_the_request()
    {
        Ended ended = await AskAsync(ManyWorkers.Check, "hello", "--max-failures", "5%", "--fold");
        Assert.Equal(79, ended.ExitCode);
        Assert.Contains(" of 200 workers failed", ended.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_that_failed_of_two_hundred_are_asked_again_alone()
    {
        Ended first = await AskAsync(ManyWorkers.Check, "hello", "--fold");
        Assert.Equal(74, first.ExitCode);
        Assert.Contains("180 × exit code 0: w[001-009,", first.Out, StringComparison.Ordinal);
        Assert.Contains($"20 × exit code 74: {EachTenth}\n", first.Out, StringComparison.Ordinal);
        string run = first.Err[(first.Err.IndexOf("--retry-failed ", StringComparison.Ordinal) + 15)..].Trim();
        Ended second = await _site.RunAsync("client", "--retry-failed", run, "--fold");
        Assert.Equal(74, second.ExitCode);
        Assert.StartsWith($"20 × exit code 74: {EachTenth}\n", second.Out, StringComparison.Ordinal);
    }

    private Task<Ended> AskAsync(string plugin, string message, params string[] options) => _site.RunAsync(
        ["client", "-service", "web", "-plugin", plugin, "-timeout", "100s", .. options],
        Encoding.UTF8.GetBytes(message), TimeSpan.FromSeconds(120));
}
