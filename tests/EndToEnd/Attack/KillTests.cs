using System.Text;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// kill -9 of the broker, the worker and the mount at random moments, while programs write to triggers: what a write
/// was taken for is carried out at least once, nothing is invented, and what may be a second time says so.
/// </summary>
[Trait("Category", "Soak")]
public sealed class KillTests(ITestOutputHelper report)
{
    private static readonly string[] Triggers = ["t0", "t1", "t2"];

    private readonly Dictionary<string, List<int>> _accepted = Triggers.ToDictionary(t => t, _ => new List<int>());
    private readonly Dictionary<string, int> _last = Triggers.ToDictionary(trigger => trigger, _ => 0);

    [SkippableFact]
    public async Task What_a_write_was_taken_for_is_carried_out_whoever_is_killed_meanwhile()
    {
        Skip.IfNot(MountTests.CanOpenFuse(), "/dev/fuse cannot be opened here");
        int seed = Soak.Seed();
        report.WriteLine($"again: TRIGGERFS_SOAK_SEED={seed}");
        string sync = seed % 2 == 0 ? "always" : "interval 100ms"; // A kill takes nothing either way.
        await using Site site = await Site.InitAsync();
        File.AppendAllText(site.SettingsFile, $"\nqueuesync = \"{sync}\"\n"); // [broker] is the last section.
        await site.StartBrokerAsync();
        var story = $"seed {seed}, queuesync {sync}";
        var executions = new Executions(Path.Combine(site.Folder, "executions"));
        var victims = await VictimsAsync(site);
        DateTime end = DateTime.UtcNow + Soak.Duration(4);
        Task[] writers = [.. Triggers.Select(trigger => Task.Run(() => WriteAsync(site, trigger, executions, end)))];
        int kills = await KillAsync(new Random(seed), victims, end);
        await Task.WhenAll(writers);

        await executions.AwaitAsync(_accepted, story);
        executions.Check(_last, story);
        int repeated = executions.Read().Count(run => run.Attempt > 1);
        report.WriteLine($"{kills} kills, {_accepted.Values.Sum(one => one.Count)} writes accepted of "
            + $"{_last.Values.Sum()}, {executions.Read().Length} executions, {repeated} of them not the first attempt");
        Assert.True(_accepted.Values.Any(one => one.Count > 0), $"{story}: nothing was accepted");
        victims[^1].Now.Terminate();
        await victims[^1].Now.EndAsync();
    }

    /// <summary>Broker, worker and mount, each with how it is started again.</summary>
    private static async Task<Victim[]> VictimsAsync(Site site)
    {
        // One job: the order of the commands is the order in which they were given out.
        Child worker = await site.WorkerAsync("w1", "--jobs", "1");
        await site.ServiceAsync("svc", "roundrobin", "w1");
        await site.CliAsync(["mkdir /d", .. Triggers.SelectMany(trigger => (string[])
        [
            $"set trigger name /d/{trigger}", $"set trigger {trigger} plugin command/command",
            $"set trigger {trigger} service attach svc",
        ])]);
        Child mount = site.Start("mount", "mnt");
        await mount.LineAsync("Ready and running");
        return
        [
            new(site.Broker, async () =>
            {
                await site.StartBrokerAsync();
                return site.Broker;
            }),
            new(worker, () => Task.FromResult(site.Start("worker", "-identity", "w1", "--jobs", "1"))),
            new(mount, async () =>
            {
                Child next = site.Start("mount", "mnt");
                await next.LineAsync("Ready and running");
                return next;
            }),
        ];
    }

    private static async Task<int> KillAsync(Random random, Victim[] victims, DateTime end)
    {
        int kills = 0;
        for (; DateTime.UtcNow < end; kills++)
        {
            await Task.Delay(random.Next(100, 1200));
            Victim victim = victims[random.Next(victims.Length)];
            victim.Now.Kill();
            await victim.Now.EndAsync();
            victim.Now = await victim.StartAsync();
        }
        return kills;
    }

    private async Task WriteAsync(Site site, string trigger, Executions executions, DateTime end)
    {
        string path = Path.Combine(site.Folder, "mnt/d", trigger);
        while (DateTime.UtcNow < end)
        {
            int number = ++_last[trigger];
            byte[] message = Encoding.ASCII.GetBytes(executions.Command(trigger, number));
            try
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
                file.Write(message);
                _accepted[trigger].Add(number);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // The mount is dead, or not there yet: nobody said that this one was taken.
            }
            await Task.Delay(20);
        }
    }

    private sealed class Victim(Child now, Func<Task<Child>> startAsync)
    {
        public Child Now { get; set; } = now;

        public Task<Child> StartAsync() => startAsync();
    }
}
