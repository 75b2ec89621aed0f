using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.EndToEnd.Programs;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// 50 writers and 50 readers on a real mount with a real broker, while the tree changes under them; for
/// <c>TRIGGERFS_SOAK_SECONDS</c>, or a few seconds.
/// </summary>
[Trait("Category", "Soak")]
public sealed partial class SoakTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Folder = "/soak";
    private const string Worker = "recorder";

    /// <summary>Descriptors that the runtime and the spool may come to need once: a file of code, a segment.</summary>
    private const int RuntimeMax = 8;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(120);

    /// <summary>What programs may see of a trigger that is deleted while they use it, and of one that is new.</summary>
    private static readonly string[] OfWhatComesAndGoes = ["OK", "ENOENT", "ESTALE", "ENXIO"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["open-what-comes-and-goes"] = OfWhatComesAndGoes,
        ["write-what-comes-and-goes"] = OfWhatComesAndGoes,
        ["read-what-comes-and-goes"] = OfWhatComesAndGoes,
        ["stat-what-comes-and-goes"] = OfWhatComesAndGoes,
        ["stat"] = ["OK", "ENOENT", "ESTALE"], // Found by a listing a moment ago.
        ["walk"] = ["ENOENT", "ESTALE"],
        ["write-what-fails"] = ["EIO"],
        ["write-without-waiting"] = ["OK", "EAGAIN"],
    };

    private Site? _site;
    private UserSession _admin = null!;
    private Recorder _recorder = null!;
    private Child _mount = null!;

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse() || !File.Exists("/usr/bin/python3")) return;
        _site = await Site.StartAsync();
        _admin = _site.Session();
        await _admin.OpenAsync(TimeSpan.FromSeconds(30), default);
        await DoAsync(Verb.Create, ObjectKind.Worker, Worker, "");
        StatementAnswer shown = await DoAsync(Verb.Show, ObjectKind.Worker, Worker, Properties.Token);
        _recorder = Recorder.Start(_site, Worker, shown.Rows[0][^1]);
        await DoAsync(Verb.Create, ObjectKind.Service, "records", "");
        await DoAsync(Verb.Add, ObjectKind.Service, "records", Properties.Workers, Worker);
        await DoAsync(Verb.Create, ObjectKind.Directory, Folder, "");
        await DoAsync(Verb.Create, ObjectKind.Directory, $"{Folder}/coming", "");
        foreach (string name in (string[])["async", "line", "close", "sync"]) await TriggerAsync($"{Folder}/{name}");
        await DoAsync(Verb.Set, ObjectKind.Trigger, $"{Folder}/line", Properties.Message, "line");
        await DoAsync(Verb.Set, ObjectKind.Trigger, $"{Folder}/close", Properties.Message, "close");
        await DoAsync(Verb.Set, ObjectKind.Trigger, $"{Folder}/sync", Properties.Mode, "sync");
        await _recorder.Ready.WaitAsync(Long);
        _mount = _site.Start("mount", Path.Combine(_site.Folder, "mnt"));
        await _mount.LineAsync("Ready and running");
    }

    public async Task DisposeAsync()
    {
        if (_site is null) return;
        await _site.DisposeAsync();
        await _recorder.DisposeAsync();
        await _admin.DisposeAsync();
    }

    [SkippableFact]
    public async Task Many_writers_and_readers_with_the_tree_changing_see_no_other_errors_and_leave_nothing_behind()
    {
        Skip.If(_site is null, "there is no /dev/fuse that can be opened, or no python3");
        string? wanted = Environment.GetEnvironmentVariable("TRIGGERFS_SOAK_SECONDS");
        int seconds = int.Parse(wanted ?? "8", CultureInfo.InvariantCulture);
        await RunAsync(2, "0.1"); // Everything is warm, and all that is kept for later is there.
        await DrainedAsync();
        (int descriptors, long memory) = (CountDescriptors(), _mount.ResidentKiB);

        using var stop = new CancellationTokenSource();
        Task<int> changing = ChangeTheTreeAsync(stop.Token);
        string[] report = await RunAsync(seconds, wanted is null ? "0.1" : "0.02");
        stop.Cancel();
        int changes = await changing;

        Judge(report);
        await DrainedAsync();
        await ReceivedAsync(report);
        await UntilAsync(_ => CountDescriptors() <= descriptors + RuntimeMax, "descriptors are left open");
        long grown = _mount.ResidentKiB - memory;
        foreach (string line in report.Where(line => line.StartsWith("did", StringComparison.Ordinal)))
            output.WriteLine(line);
        output.WriteLine($"{seconds} s, {changes} changes of the tree; descriptors {descriptors}, memory {memory} KiB, "
            + $"{grown} KiB more at the end\n{await StatusAsync()}");
        Assert.InRange(grown, long.MinValue, 64 * 1024);
    }

    /// <summary>Runs the programs; what they report.</summary>
    private async Task<string[]> RunAsync(int seconds, string pause)
    {
        string[] arguments =
        [
            Path.Combine(Repository.Sources.Root, "tests/EndToEnd/many.py"),
            Path.Combine(_site!.Folder, "mnt") + Folder, $"{seconds}", pause, "50", "50",
        ];
        var start = new ProcessStartInfo("python3", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Ended ended = await Ended.RunAsync(start, deadline: TimeSpan.FromSeconds(seconds) + Long);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Err));
        return ended.Out.TrimEnd().Split('\n');
    }

    /// <summary>
    /// Triggers come, are attached, change their modes, and go, as fast as the broker does it. Returns how often.
    /// </summary>
    private async Task<int> ChangeTheTreeAsync(CancellationToken stop)
    {
        int changes = 0;
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            string name = $"{Folder}/coming/t{i % 8}";
            await TriggerAsync(name);
            await DoAsync(Verb.Set, ObjectKind.Trigger, name, Properties.Description, $"number {i}");
            await Task.Delay(5, CancellationToken.None);
            await DoAsync(Verb.Delete, ObjectKind.Trigger, name, "");
            changes += 5;
        }
        return changes;
    }

    private static void Judge(string[] report)
    {
        foreach (string[] did in report.Select(line => line.Split(' ')).Where(fields => fields[0] == "did"))
        {
            string[] allowed = Allowed.GetValueOrDefault(did[1], ["OK"]);
            Assert.True(allowed.Contains(did[2]), $"{did[1]} saw {did[2]} {did[3]} times\n{string.Join('\n', report)}");
        }
    }

    /// <summary>Nothing waits, is underway or is open, and the kernel holds no number of what is gone.</summary>
    private Task DrainedAsync() => UntilAsync(
        status =>
        {
            long[] values = [.. Numbers().Matches(status).Select(
                match => long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
            return values[0] + values[1] + 1 == values[2] && values[3] == 1 && values[4] + values[5] == 0;
        },
        "something is left");

    /// <summary>Every message that was taken has come.</summary>
    private Task ReceivedAsync(string[] report) => UntilAsync(
        _ =>
        {
            var came = new HashSet<string>(((string[])["async", "line", "close", "sync"])
                .SelectMany(name => _recorder.From($"{Folder}/{name}")).Select(text => text.TrimEnd('\n')));
            return report.Select(line => line.Split(' ')).Where(fields => fields[0] == "sent").All(
                sent => Enumerable.Range(0, int.Parse(sent[2], CultureInfo.InvariantCulture))
                    .All(number => came.Contains($"{sent[1]} {number}")));
        },
        "messages that were taken did not come");

    /// <param name="condition">Given what the mount says of itself.</param>
    private async Task UntilAsync(Func<string, bool> condition, string otherwise)
    {
        DateTime end = DateTime.UtcNow + Long;
        while (await StatusAsync() is var status && !condition(status))
        {
            Assert.True(DateTime.UtcNow < end, $"{otherwise}: {CountDescriptors()} descriptors\n{status}");
            await Task.Delay(100);
        }
    }

    private Task<string> StatusAsync() =>
        TwoMounts.DoAsync(Path.Combine(_site!.Folder, "mnt"), "cat .triggerfs/status");

    private int CountDescriptors() => Directory.GetFiles($"/proc/{_mount.Id}/fd").Length;

    private async Task TriggerAsync(string path)
    {
        await DoAsync(Verb.Create, ObjectKind.Trigger, path, "");
        await DoAsync(Verb.Set, ObjectKind.Trigger, path, Properties.Plugin, _recorder.Name);
        await DoAsync(Verb.Add, ObjectKind.Trigger, path, Properties.Service, "records");
    }

    private Task<StatementAnswer> DoAsync(
        Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        _admin.ManageAsync(verb, kind, name, property, values, default).WaitAsync(Long);

    [GeneratedRegex("^(?:directories|triggers|nodes|open|waiting|underway): ([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex Numbers();
}
