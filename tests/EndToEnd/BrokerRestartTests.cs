using System.Diagnostics;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Tests.EndToEnd.Attack;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The broker is killed and started again while everybody works.</summary>
public sealed class BrokerRestartTests(ITestOutputHelper report)
{
    [Fact]
    public async Task Everybody_comes_back_within_five_seconds_and_every_request_has_exactly_one_answer()
    {
        await using Site site = await Site.StartAsync();
        Child worker = await site.WorkerAsync("w1", "--jobs", "8");
        await site.ServiceAsync("svc", "roundrobin", "w1");
        UserSession session = site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(30), default);

        List<Collected> before = [.. Enumerable.Range(0, 40).Select(i => Ask(session, $"sleep 0.3; echo {i}"))];
        await before[0].EndAsync();
        int mark = worker.Mark();
        site.Broker.Kill();
        await site.Broker.EndAsync();
        await site.StartBrokerAsync();
        TimeSpan took = await new Recovery().UntilAsync(
            () => worker.Line("BROKER_ACCEPTED", mark) is not null && session.IsUp,
            "the worker or the session is not back");
        report.WriteLine($"back after {took.TotalMilliseconds:0} ms");
        Assert.InRange(took, TimeSpan.Zero, Recovery.Max);

        (string Text, int ExitCode)[] ends = await Task.WhenAll(before.Select(answer => answer.EndAsync()));
        for (int i = 0; i < ends.Length; i++)
        {
            if (ends[i].ExitCode == 0) Assert.Equal($"{i}\n", ends[i].Text);
            else Assert.False(string.IsNullOrWhiteSpace(ends[i].Text), $"request {i} failed without a name");
        }
        report.WriteLine($"{ends.Count(end => end.ExitCode == 0)} of {ends.Length} requests succeeded");
        report.WriteLine(string.Join('\n', ends.Where(end => end.ExitCode != 0).Select(end => end.Text).Distinct()));

        await Site.UntilAsync(
            async () => await Ask(session, "echo again").EndAsync() == ("again\n", 0), "no request succeeds any more");
        await session.DisposeAsync();
        Assert.All(before, answer => Assert.Equal(1, answer.Ends));
    }

    [SkippableFact]
    public async Task A_mount_under_load_is_back_within_five_seconds_and_every_write_is_carried_out()
    {
        Skip.IfNot(MountTests.CanOpenFuse(), "/dev/fuse cannot be opened here");
        const int Writes = 40;
        await using Site site = await Site.StartAsync();
        await site.WorkerAsync("w1", "--jobs", "8");
        await site.ServiceAsync("svc", "roundrobin", "w1");
        await site.CliAsync("mkdir /d", "set trigger name /d/t", "set trigger t plugin command/command",
            "set trigger t service attach svc");
        string mountpoint = Path.Combine(site.Folder, "mnt"), ran = Path.Combine(site.Folder, "ran");
        Child mount = site.Start("mount", mountpoint);
        await mount.LineAsync("Ready and running");
        using Process writer = Process.Start(new ProcessStartInfo("bash",
        [
            "-c",
            $"for i in {{1..{Writes}}}; do"
                + $" echo \"sleep .2; echo $i \\$TRIGGERFS_ATTEMPT >> {ran}; echo ran-$i-\" > '{mountpoint}/d/t';"
                + " sleep .05; done",
        ]))!;
        await mount.LineAsync("] ran-1-");
        site.Broker.Kill();
        await site.Broker.EndAsync();
        int mark = mount.Mark();
        await site.StartBrokerAsync();
        TimeSpan took = await new Recovery().UntilAsync(
            () => mount.Line("Connected to the broker again", mark) is not null, "the mount is not back");
        Assert.InRange(took, TimeSpan.Zero, Recovery.Max);
        await writer.WaitForExitAsync();
        Assert.Equal(0, writer.ExitCode);
        await Site.UntilAsync(
            () => Task.FromResult(Ran().Select(run => run[0]).Distinct().Count() == Writes),
            "a write was not carried out");
        string[] again = [.. Ran().GroupBy(run => run[0]).Where(runs => runs.Count() > 1).Select(runs => runs.Key)];
        Assert.All(again, number => Assert.Single(Ran(), run => run[0] == number && run[1] == "1"));
        report.WriteLine($"{again.Length} of {Writes} writes ran twice, with a number that says so");

        string[][] Ran() => [.. File.ReadAllLines(ran).Select(line => line.Split(' '))];
    }

    [Fact]
    public async Task A_run_that_was_under_way_while_the_broker_restarted_ends_well()
    {
        await using Site site = await Site.StartAsync();
        await site.WorkerAsync("w1");
        UserSession session = site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(30), default);
        Collected answer = Ask(session, "touch under-way; sleep 4; echo survived", "w1");
        await Site.UntilAsync(
            () => Task.FromResult(File.Exists(Path.Combine(site.Folder, "under-way"))), "the run did not start");
        site.Broker.Kill();
        await site.Broker.EndAsync();
        await site.StartBrokerAsync();
        Assert.Equal(("survived\n", 0), await answer.EndAsync());
        await session.DisposeAsync();
    }

    private static Collected Ask(UserSession session, string command, string service = "svc")
    {
        var answer = new Collected();
        byte[] payload = Encoding.UTF8.GetBytes(command);
        session.Ask(service, "command/command", [], payload, TimeSpan.FromMinutes(1), 0, answer);
        return answer;
    }
}
