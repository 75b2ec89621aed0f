using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Commands.Worker;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// A client and a worker whose lines to the broker change bytes, break and go dead: each request has one answer, what
/// was posted is carried out, and all is well again within seconds.
/// </summary>
[Trait("Category", "Soak")]
public sealed class LineTests(ITestOutputHelper report) : IAsyncLifetime, IDisposable
{
    private readonly int _seed = Soak.Seed();
    private Site _site = null!;
    private FaultyProxy _proxy = null!;
    private RunningWorker _worker = null!;
    private UserSession _session = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        int port = int.Parse(_site.Address.Split(':')[^1], CultureInfo.InvariantCulture);
        _proxy = new(port, _seed);
        await using (UserSession admin = _site.Session())
        {
            await admin.OpenAsync(TimeSpan.FromSeconds(30), default);
            (string name, string token) = (await FanOut.ManyWorkers.MakeAsync(admin, 1, "svc", "roundrobin"))[0];
            _worker = RunningWorker.Start(new(Site.Team, name, token),
                new(_proxy.Address, Keys.Format(_site.BrokerKey)), new WorkerOptions(name, 4), NullLogger.Instance);
        }
        _session = Session();
        await _session.OpenAsync(TimeSpan.FromSeconds(30), default);
        await _worker.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        // What the worker announced is still on its line.
        await Site.UntilAsync(IsWellAsync, "the broker has not heard of the worker's service");
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _worker.DisposeAsync();
        await _site.DisposeAsync();
    }

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task Bytes_that_change_and_messages_that_are_cut_lose_nothing()
    {
        report.WriteLine($"again: TRIGGERFS_SOAK_SEED={_seed}");
        var executions = new Executions(Path.Combine(_site.Folder, "executions"));
        var options = new SpoolOptions(Path.Combine(_site.Folder, "spool"));
        using var box = new Postbox(options, report.WriteLine);
        int posted = 0;
        List<Collected> asked = [];
        for (DateTime end = DateTime.UtcNow + Soak.Duration(4); DateTime.UtcNow < end;)
        {
            _proxy.IsFaulty = true;
            for (DateTime well = DateTime.UtcNow.AddSeconds(1); DateTime.UtcNow < well; await Task.Delay(50))
            {
                asked.Add(Ask($"echo {asked.Count}"));
                await PostAsync(options, executions.Command("svc", ++posted));
            }
            _proxy.IsFaulty = false;
            Assert.InRange(await RecoverAsync(), TimeSpan.Zero, Recovery.Max);
        }
        report.WriteLine($"{_proxy.Corrupted} pieces changed, {_proxy.Cut} cut");

        box.Collect();
        await using UserSession sender = Session();
        await box.SendAsync(sender, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60), default);
        await executions.AwaitAsync(
            new Dictionary<string, List<int>> { ["svc"] = [.. Enumerable.Range(1, posted)] }, $"seed {_seed}");
        Assert.All(executions.Read().GroupBy(run => run.Number),
            runs => Assert.InRange(runs.Count(run => run.Attempt == 1), 0, 1));
        (string Text, int ExitCode)[] ends = await Task.WhenAll(asked.Select(one => one.EndAsync()));
        for (int i = 0; i < ends.Length; i++)
            if (ends[i].ExitCode == 0) Assert.Equal($"{i}\n", ends[i].Text);
            else Assert.NotEmpty(ends[i].Text);
        Assert.All(asked, one => Assert.Equal(1, one.Ends));
        report.WriteLine($"{ends.Count(one => one.ExitCode == 0)} of {ends.Length} requests were answered well");
    }

    [Fact]
    public async Task A_line_that_is_slow_and_uneven_breaks_nothing_and_can_be_made_anew()
    {
        int parted = 0;
        _session.Parted += (_, _) => parted++;
        _proxy.IsSlow = true;
        Collected[] asked = [.. Enumerable.Range(0, 20).Select(number => Ask($"echo {number}"))];
        (string Text, int ExitCode)[] ends = await Task.WhenAll(asked.Select(one => one.EndAsync()));
        for (int i = 0; i < ends.Length; i++) Assert.Equal(($"{i}\n", 0), ends[i]);
        Assert.Equal(0, parted);
        await using UserSession another = Session();
        await another.OpenAsync(TimeSpan.FromSeconds(30), default);
        await Task.Delay(Soak.Duration(0));
        _proxy.IsSlow = false;
        Assert.InRange(await RecoverAsync(), TimeSpan.Zero, Recovery.Max);
    }

    [Fact]
    public async Task A_line_that_is_dead_on_one_side_is_noticed_and_made_anew()
    {
        Collected before = Ask("sleep 1; echo survived");
        await Site.UntilAsync(() => Task.FromResult(_session.RequestsUnderWay == 1), "it was not sent");
        _proxy.IsSilent = true;
        await Task.Delay(Soak.Duration(11));
        _proxy.IsSilent = false;
        Assert.InRange(await RecoverAsync(), TimeSpan.Zero, Recovery.Max);
        (string text, int exitCode) = await before.EndAsync();
        report.WriteLine(text.Trim());
        Assert.True(exitCode != 0 || text == "survived\n", text);
        Assert.Equal(1, before.Ends);
    }

    /// <summary>Requests succeed again; how soon.</summary>
    private async Task<TimeSpan> RecoverAsync()
    {
        TimeSpan took = await new Recovery().UntilAsync(
            async () => _session.IsUp && await IsWellAsync(), $"seed {_seed}: it does not recover");
        report.WriteLine($"recovered after {took.TotalMilliseconds:0} ms");
        return took;
    }

    private async Task<bool> IsWellAsync() => (await Ask("echo well").EndAsync()).Text == "well\n";

    private UserSession Session() => new(new(PeerRole.Client, Site.Team, Site.Identity, Site.Secret), "tests",
        hello => new BrokerLink(new(_proxy.Address, _site.BrokerKey, hello)));

    private Collected Ask(string command)
    {
        var answer = new Collected();
        _session.Ask("svc", "command/command", [], System.Text.Encoding.ASCII.GetBytes(command),
            TimeSpan.FromSeconds(20), 0, answer);
        return answer;
    }

    /// <summary>As client --async does, but that the broker is not tried each time.</summary>
    private static async Task PostAsync(SpoolOptions options, string command)
    {
        using var box = new Postbox(options, static _ => { });
        await box.PostAsync(new("svc", "command/command", TimeSpan.Zero, [],
            System.Text.Encoding.ASCII.GetBytes(command)), default);
    }
}
