using Microsoft.Extensions.Logging;
using TriggerFs.Commands;

namespace TriggerFs.Tests.Commands;

public sealed class LineLoggerTests
{
    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2018, 4, 30, 21, 3, 2, 45, TimeSpan.Zero);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }

    private static string Logged(LogStamp stamp, Action<ILogger> log)
    {
        var output = new StringWriter();
        log(new LineLogger(output, LogLevel.Information, stamp, new Noon()));
        return output.ToString();
    }

    [Fact]
    public void A_server_logs_UTC_to_the_millisecond() =>
        Assert.Equal("2018-04-30T21:03:02.045Z I: up\n", Logged(LogStamp.Utc, log => log.LogInformation("up")));

    [Fact]
    public void A_module_logs_as_in_2018() =>
        Assert.Equal("2018/04/30 21:03:02 W: up\n", Logged(LogStamp.Local, log => log.LogWarning("up")));

    [Fact]
    public void What_is_below_the_level_is_not_logged() =>
        Assert.Empty(Logged(LogStamp.Utc, log => log.LogDebug("up")));

    [Fact]
    public void Control_characters_do_not_reach_the_log() => Assert.Equal(
        "2018-04-30T21:03:02.045Z I: a\\nb\\x1b[31m\n",
        Logged(LogStamp.Utc, log => log.LogInformation("a\nb\x1b[31m")));

    [Fact]
    public void An_exception_is_logged_in_full_and_indented()
    {
        string text = Logged(LogStamp.Utc, log => log.LogError(new InvalidOperationException("why"), "what"));
        Assert.Contains("E: what\n    System.InvalidOperationException: why", text);
    }

    [Fact]
    public void Lines_of_many_threads_stay_whole()
    {
        string text = Logged(LogStamp.Utc, log => Parallel.For(0, 500, i => log.LogInformation("line {N} end", i)));
        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(500, lines.Length);
        Assert.All(lines, line => Assert.Matches("Z I: line [0-9]+ end$", line));
    }

    [Fact]
    public void A_log_file_is_appended_to()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Join(folder.Path, "a.log");
        for (int i = 0; i < 2; i++)
        {
            using LineLogger log = LineLogger.Open(path, LogLevel.Information, LogStamp.Utc);
            log.LogInformation("again");
        }
        Assert.Equal(2, File.ReadAllLines(path).Length);
    }
}
