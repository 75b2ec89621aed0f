using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Broker.Audit;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.Store;

namespace TriggerFs.Tests.Broker.Audit;

public sealed class AuditLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private AuditOptions Options => new(Path.Join(_folder.Path, "audit"));

    private string Current => Path.Join(_folder.Path, "audit", "audit.jsonl");

    public void Dispose() => _folder.Dispose();

    internal static AuditEntry Entry(string what, long team = 2) => new()
    {
        Time = DateTime.UtcNow,
        Event = AuditEvents.Change,
        Team = "team1",
        TeamId = team,
        User = "hp",
        What = what,
    };

    /// <summary>Writes entries, each on the disk before the next.</summary>
    internal static void Write(AuditOptions options, params IEnumerable<AuditEntry> entries)
    {
        using var log = new AuditLog(options, NullLogger.Instance);
        foreach (AuditEntry entry in entries) Write(log, entry);
    }

    private static void Write(AuditLog log, AuditEntry entry)
    {
        using var done = new ManualResetEventSlim();
        log.Write(entry, done.Set);
        Assert.True(done.Wait(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void A_line_is_in_the_file_when_its_writer_is_told()
    {
        using var log = new AuditLog(Options, NullLogger.Instance);
        Write(log, Entry("create worker demo01"));
        using JsonDocument line = JsonDocument.Parse(File.ReadAllText(Current));
        Assert.Equal(1, line.RootElement.GetProperty("seq").GetInt64());
        Assert.Equal("create worker demo01", line.RootElement.GetProperty("what").GetString());
        Assert.Equal(AuditLine.NoHash, line.RootElement.GetProperty("prev").GetString());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Current));
    }

    [Fact]
    public void The_chain_goes_on_over_a_restart()
    {
        Write(Options, Entry("one"), Entry("two"));
        Write(Options, Entry("three"));
        AuditReport report = AuditVerifier.Verify(Options.Folder);
        Assert.Null(report.Fault);
        Assert.Equal((3, 3), (report.Lines, report.Last!.Seq));
    }

    [Fact]
    public void Half_a_line_that_a_crash_left_is_taken_out_and_the_chain_says_so()
    {
        Write(Options, Entry("one"), Entry("two"));
        File.AppendAllText(Current, "{\"seq\":3,\"time\":\"2026-");
        Write(Options, Entry("three"));
        AuditReport report = AuditVerifier.Verify(Options.Folder);
        Assert.Null(report.Fault);
        Assert.Equal(4, report.Lines);
        Assert.Contains("not finished", File.ReadAllLines(Current)[2]);
    }

    [Fact]
    public void Full_files_make_room_and_what_is_removed_is_told_by_a_line_so_that_the_chain_stays_whole()
    {
        AuditOptions options = Options with { SizeMax = AuditOptions.SizeMin };
        string text = new('x', 1000);
        Write(options, Enumerable.Range(0, 2000).Select(n => Entry($"{n} {text}")));
        string[] files = new AuditFolder(options.Folder).Files();
        Assert.InRange(files.Sum(file => new FileInfo(file).Length), options.SizeMax / 2, options.SizeMax);
        Assert.InRange(files.Length, 10, 17);

        AuditReport report = AuditVerifier.Verify(options.Folder);
        Assert.Null(report.Fault);
        Assert.True(report.First!.Seq > 500);
        Assert.True(report.Last!.Seq > 2000);
    }

    [Fact]
    public void What_is_too_old_is_removed()
    {
        AuditOptions options = Options with { SizeMax = AuditOptions.SizeMin };
        string text = new('x', 1000);
        Write(options, Enumerable.Range(0, 200).Select(n => Entry($"{n} {text}")));
        foreach (string full in new AuditFolder(options.Folder).FullFiles())
            File.SetLastWriteTimeUtc(full, DateTime.UtcNow.AddDays(-400));
        Write(options, Entry("much later"));
        Assert.Empty(new AuditFolder(options.Folder).FullFiles());
        Assert.Null(AuditVerifier.Verify(options.Folder).Fault);
    }

    [Fact]
    public void What_was_written_before_the_host_knew_the_time_is_kept()
    {
        AuditOptions options = Options with { SizeMax = AuditOptions.SizeMin };
        string text = new('x', 1000);
        Write(options, Enumerable.Range(0, 200).Select(n => Entry($"{n} {text}")));
        string[] full = [.. new AuditFolder(options.Folder).FullFiles()];
        foreach (string file in full) File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddMinutes(1));
        Write(options, Entry("much later"));
        Assert.NotEmpty(full);
        Assert.Equal(full, new AuditFolder(options.Folder).FullFiles());
    }

    [SkippableFact]
    public void A_full_disk_loses_nothing_that_fits_in_memory_and_says_that_changes_cannot_be_taken()
    {
        using var disk = SmallDisk.Mount(_folder.Path);
        var options = new AuditOptions(Path.Join(disk.Path, "audit"));
        using var log = new AuditLog(options, NullLogger.Instance);
        Write(log, Entry("before"));
        string ballast = Path.Join(disk.Path, "ballast");
        disk.Fill(ballast);
        string text = new('x', 1000);
        int written = 0;
        for (; log.Trouble is null && written < 100; written++) Write(log, Entry($"{written} {text}"));
        Assert.NotNull(log.Trouble);
        Assert.Contains("nothing was changed", log.Trouble.Message);

        File.Delete(ballast);
        Assert.True(SpinWait.SpinUntil(() => log.Trouble is null, TimeSpan.FromSeconds(60)));
        AuditReport report = AuditVerifier.Verify(options.Folder);
        Assert.Null(report.Fault);
        Assert.Equal(1 + written, report.Lines);
    }

    [Fact]
    public async Task The_newest_lines_of_a_team_are_found_the_oldest_of_them_first()
    {
        AuditOptions options = Options with { SizeMax = AuditOptions.SizeMin };
        string text = new('x', 1000);
        Write(options, Enumerable.Range(0, 300).Select(n => Entry($"{n} {text}", team: n % 2 == 0 ? 2 : 3)));
        using var log = new AuditLog(options, NullLogger.Instance);
        IReadOnlyList<AuditEntry> lines = await ReadAsync(log, new(new TeamId(2), OfNobody: false, 120));
        Assert.Equal(120, lines.Count);
        IEnumerable<string> newest = Enumerable.Range(0, 120).Select(n => $"{60 + (2 * n)}");
        Assert.Equal(newest, lines.Select(line => line.What.Split(' ')[0]));
    }

    [Fact]
    public async Task A_line_is_seen_by_the_team_that_it_concerns_and_by_no_third_one()
    {
        using var log = new AuditLog(Options, NullLogger.Instance);
        Write(log, Entry("call service api", team: 3) with { AboutId = 2, About = "team1" });
        Write(log, Entry("sign in", team: 0));
        Assert.Single(await ReadAsync(log, new(new TeamId(2), false, 10)));
        Assert.Single(await ReadAsync(log, new(new TeamId(3), false, 10)));
        Assert.Empty(await ReadAsync(log, new(new TeamId(4), false, 10)));
        Assert.Equal(2, (await ReadAsync(log, new(new TeamId(2), OfNobody: true, 10))).Count);
    }

    [Fact]
    public void Whatever_text_comes_a_line_is_one_line_and_reads_back()
    {
        var random = new Random(4711);
        string[] odd =
            ["\n", "\u001b[31m", "\u202e", "\ud800", "\"", "\\", "\0", "🎉", "' OR 1=1; --", "%s%n", new('x', 5000)];
        string Text() => string.Concat(Enumerable.Range(0, 8).Select(_ => odd[random.Next(odd.Length)]));
        Write(Options, Enumerable.Range(0, 200).Select(_ => Entry(AuditText.Clean(Text()))));
        Assert.Null(AuditVerifier.Verify(Options.Folder).Fault);
        string[] lines = File.ReadAllLines(Current);
        Assert.Equal(200, lines.Length);
        Assert.All(lines, line => Assert.DoesNotContain(line, letter => char.IsControl(letter) || letter == '\u202e'));
        Assert.All(lines, line => Assert.NotNull(AuditLine.TryRead(Encoding.UTF8.GetBytes(line), out _)));
    }

    private static async Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditLog log, AuditQuery query)
    {
        var found = new TaskCompletionSource<IReadOnlyList<AuditEntry>>();
        log.Read(query, (lines, problem) =>
        {
            if (problem is null) found.SetResult(lines);
            else found.SetException(problem);
        });
        return await found.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
