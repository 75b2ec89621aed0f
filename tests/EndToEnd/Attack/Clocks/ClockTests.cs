using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack.Clocks;

/// <summary>
/// Hosts whose clocks are set while broker, worker and mount run: by an hour either way, and from 1970 to now, as on a
/// Raspberry Pi that boots. Messages of these triggers may be half an hour old.
/// </summary>
public sealed class ClockTests(ClockSite clocks, ITestOutputHelper report) : IClassFixture<ClockSite>
{
    private const string AnHourOn = "+3600", AnHourBack = "-3600", Right = "+0", In1970 = "@1970-01-01 00:01:00";

    private readonly Site _site = clocks.Site;

    [SkippableFact]
    public async Task Clocks_that_jump_by_an_hour_lose_nothing_and_end_no_session()
    {
        Skip.If(clocks.WhyNot is not null, clocks.WhyNot);
        Child mount = await clocks.MountAsync("mnt");
        var executions = new Executions(Path.Combine(_site.Folder, "jumps"));
        var writers = new Writers(Path.Combine(_site.Folder, "mnt/d"), executions, "jumps");
        writers.Start(TimeSpan.FromMilliseconds(20));
        int mountMark = mount.Mark(), workerMark = clocks.Worker.Mark();
        FakeClock[] all = [clocks.BrokerClock, clocks.MountClock, clocks.WorkerClock];
        foreach (string time in (string[])[AnHourOn, AnHourBack, Right])
            foreach (FakeClock one in all)
            {
                one.Set(time);
                int carriedOut = executions.Read().Length;
                TimeSpan took = await new Recovery().UntilAsync(
                    () => executions.Read().Length > carriedOut + 1, $"{time}: nothing is carried out");
                Assert.InRange(took, TimeSpan.Zero, Recovery.Max);
            }
        await writers.StopAsync();
        await writers.CheckAsync("after all jumps");
        Assert.All(executions.Read(), run => Assert.Equal(1, run.Attempt));
        Assert.DoesNotContain("gone", string.Join('\n', mount.Text.Split('\n')[mountMark..]), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "lost", string.Join('\n', clocks.Worker.Text.Split('\n')[workerMark..]), StringComparison.Ordinal);
        Assert.Contains("(0 rows)", (await _site.CliAsync("show dead-letters")).Out, StringComparison.Ordinal);
        report.WriteLine($"{writers.Count} writes were taken");

        // Sessions are taken up again by what the broker signed before its clock was put back.
        await EndBrokerAsync();
        clocks.BrokerClock.Set(AnHourBack);
        await _site.StartBrokerAsync();
        await mount.LineAsync("Connected to the broker again", mountMark);
        await AwaitQuietAsync(_site.Broker, clocks.Worker, mount);
        clocks.BrokerClock.Set(Right);
        await EndAsync(mount);
    }

    [SkippableFact]
    public async Task What_a_mount_takes_in_1970_is_carried_out_when_it_knows_the_time_and_after_a_restart()
    {
        Skip.If(clocks.WhyNot is not null, clocks.WhyNot);
        clocks.MountClock.Set(In1970);
        Child mount = await clocks.MountAsync("boot");
        var executions = new Executions(Path.Combine(_site.Folder, "boots"));
        await EndBrokerAsync();
        Write(executions, 1, 5);
        clocks.MountClock.Set(Right);
        await _site.StartBrokerAsync();
        await executions.AwaitAsync(Numbers(5), "the clock was set");

        await EndBrokerAsync();
        Write(executions, 6, 10);
        mount.Kill();
        await mount.EndAsync();
        await _site.StartBrokerAsync();
        mount = await clocks.MountAsync("boot");
        await executions.AwaitAsync(Numbers(10), "the mount was started again");
        executions.Check(new Dictionary<string, int> { ["boots"] = 10 }, "1970");
        await EndAsync(mount);
    }

    private async Task EndBrokerAsync()
    {
        _site.Broker.Terminate();
        await _site.Broker.EndAsync();
    }

    private static async Task EndAsync(Child mount)
    {
        mount.Terminate();
        Assert.Equal(0, await mount.EndAsync());
    }

    private void Write(Executions executions, int from, int to)
    {
        for (int number = from; number <= to; number++)
            File.WriteAllText(
                Path.Combine(_site.Folder, "boot/d/boots"), executions.Command("boots", number), Encoding.ASCII);
    }

    private static Dictionary<string, List<int>> Numbers(int last) =>
        new() { ["boots"] = [.. Enumerable.Range(1, last)] };

    /// <summary>None of them runs in circles: there is a second in which each uses hardly any of a processor.</summary>
    private static async Task AwaitQuietAsync(params Child[] programs)
    {
        foreach (Child program in programs)
        {
            double used = 0;
            await Site.UntilAsync(
                async () =>
                {
                    double before = CpuSeconds(program);
                    await Task.Delay(1000);
                    used = CpuSeconds(program) - before;
                    return used < 0.4;
                },
                $"it runs in circles:\n{program.Text}");
        }
    }

    /// <summary>utime and stime of proc_pid_stat(5), in hundredths of a second.</summary>
    private static double CpuSeconds(Child program)
    {
        string stat = File.ReadAllText($"/proc/{program.Id}/stat");
        string[] behindName = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(behindName[11], CultureInfo.InvariantCulture)
            + double.Parse(behindName[12], CultureInfo.InvariantCulture)) / 100;
    }
}
