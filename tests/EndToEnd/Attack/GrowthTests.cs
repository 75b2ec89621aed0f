using System.Globalization;
using TriggerFs.Commands.Session;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// An ordinary day: messages written to a trigger, requests in a session that stays, clients and consoles that come
/// and go. Whether memory, descriptors or threads of broker, worker and mount grow with time; the rest of the machine
/// may be busy, so the load is a small and steady one. <c>TRIGGERFS_SOAK_SECONDS=3600</c> is the hour that counts.
/// </summary>
[Trait("Category", "Soak")]
public sealed class GrowthTests(ITestOutputHelper report)
{
    private const string Service = "svc";

    private int _written;
    private int _answered;
    private int _clients;

    [SkippableFact]
    public async Task Nothing_grows_however_long_it_goes_on()
    {
        Skip.IfNot(MountTests.CanOpenFuse(), "/dev/fuse cannot be opened here");
        TimeSpan time = Soak.Duration(4);
        await using Site site = await Site.StartAsync();
        Child worker = await site.WorkerAsync("w1");
        await site.ServiceAsync(Service, "roundrobin", "w1");
        await site.CliAsync("mkdir /d", "set trigger name /d/t", "set trigger t plugin echo",
            $"set trigger t service attach {Service}");
        Child mount = site.Start("mount", Path.Combine(site.Folder, "mnt"));
        await mount.LineAsync("Ready and running");
        Subject[] subjects = [new("broker", site.Broker), new("worker", worker), new("mount", mount)];

        // What is kept for later has its size after the first tenth: the code that was run, the pools, the database.
        await LiveAsync(site, time / 10, subjects);
        Size[] before = [.. subjects.Select(subject => subject.Now())];
        await LiveAsync(site, time, subjects);

        string story = string.Join('\n', subjects.Zip(before, (subject, size) => subject.Compare(size)));
        report.WriteLine($"{time}: {_written} messages, {_answered} requests, {_clients} clients\n{story}");
        foreach ((Subject subject, Size size) in subjects.Zip(before)) subject.Judge(size, story);
    }

    private async Task LiveAsync(Site site, TimeSpan time, Subject[] subjects)
    {
        using var over = new CancellationTokenSource(time);
        Task[] lives = [WriteAsync(site, over.Token), AskAsync(site, over.Token), ComeAndGoAsync(site, over.Token)];
        while (!over.IsCancellationRequested)
        {
            await Task.WhenAny(Task.WhenAll(lives), Task.Delay(TimeSpan.FromMinutes(5), over.Token));
            report.WriteLine(string.Join("; ", subjects.Select(subject => $"{subject.Name} {subject.Now()}")));
        }
        await Task.WhenAll(lives);
        // The broker's work for the messages that were written last.
        await site.CliAsync("show triggers");
        await Site.UntilAsync(
            async () => (await File.ReadAllTextAsync(Path.Combine(site.Folder, "mnt/.triggerfs/spool")))
                .Contains("depth: 0", StringComparison.Ordinal), "messages are left in the spool");
    }

    private async Task WriteAsync(Site site, CancellationToken over)
    {
        string path = Path.Combine(site.Folder, "mnt/d/t");
        for (; !over.IsCancellationRequested; _written++)
        {
            await using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0))
                file.Write("a message of a common size, such as a line of a log\n"u8);
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private async Task AskAsync(Site site, CancellationToken over)
    {
        await using UserSession session = site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        for (; !over.IsCancellationRequested; _answered++)
        {
            var answer = new Collected();
            session.Ask(Service, "echo", [], "hello"u8, TimeSpan.FromMinutes(1), 0, answer);
            Assert.Equal(("hello", 0), await answer.EndAsync());
            await Task.Delay(10, CancellationToken.None);
        }
    }

    private async Task ComeAndGoAsync(Site site, CancellationToken over)
    {
        for (; !over.IsCancellationRequested; _clients++)
        {
            Assert.Equal("hi\n", (await site.ClientAsync(Service, "echo hi")).Out);
            await site.CliAsync($"set trigger t description number-{_clients}", "show workers");
            await Task.Delay(500, CancellationToken.None);
        }
    }

    private sealed record Subject(string Name, Child Process)
    {
        public Size Now() => new(
            Process.ResidentKiB,
            Directory.GetFiles($"/proc/{Process.Id}/fd").Length,
            Directory.GetDirectories($"/proc/{Process.Id}/task").Length);

        public string Compare(Size before) => $"{Name}: {before}, at the end {Now()}";

        /// <summary>Some room for the runtime, and for pools that are filled by chance.</summary>
        public void Judge(Size before, string story)
        {
            Size now = Now();
            Assert.True(now.ResidentKiB <= before.ResidentKiB + 24 * 1024, story);
            Assert.True(now.Descriptors <= before.Descriptors + 16, story);
            Assert.True(now.Threads <= before.Threads + 8, story);
        }
    }

    private readonly record struct Size(long ResidentKiB, int Descriptors, int Threads)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture, $"{ResidentKiB} KiB, {Descriptors} descriptors, {Threads} threads");
    }
}
