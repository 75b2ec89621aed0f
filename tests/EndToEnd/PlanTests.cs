namespace TriggerFs.Tests.EndToEnd;

public sealed class PlanTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task Of_many_who_make_workers_at_once_as_many_succeed_as_the_plan_allows()
    {
        await _site.CliAsync("set teams team1 plan free");
        Ended[] ended = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(n => _site.RunAsync("cli", "-c", $"set workers identity w{n}")));
        Assert.Equal(2, ended.Count(one => one.ExitCode == 0));
        Assert.All(ended.Where(one => one.ExitCode != 0),
            one => Assert.Contains("the plan of team 'team1' allows 2 workers", one.Err));
        Assert.Contains("(2 rows)", (await _site.CliAsync("show workers")).Out);
        Assert.Contains("2/2", (await _site.CliAsync("show teams team1")).Out);
    }

    [Fact]
    public async Task A_plan_and_a_rate_are_there_after_a_restart()
    {
        await _site.CliAsync(
            "set services name api", "set services api visibility public", "set services api rate 5/h",
            "set teams team1 plan free");
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        await _site.StartBrokerAsync();
        string shown = (await _site.CliAsync("show services api", "show teams team1", "show plans")).Out;
        Assert.Contains("5/h", shown);
        Assert.Contains("1/1", shown);
        Assert.Contains("advanced", shown);
    }
}
