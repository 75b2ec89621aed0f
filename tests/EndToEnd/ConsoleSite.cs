namespace TriggerFs.Tests.EndToEnd;

/// <summary>One installation for all tests of the console on a terminal: two workers, one of them online.</summary>
public sealed class ConsoleSite : IAsyncLifetime
{
    internal Site Site { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Site = await Site.StartAsync();
        await Site.WorkerAsync("demo01");
        await Site.CliAsync("set workers identity demo02", "set services name demoservice",
            "set services demoservice workers add demo01 demo02", "mkdir /newtrigger",
            "set trigger name /newtrigger/demotrigger", "set trigger demotrigger plugin command/command",
            "set trigger demotrigger service attach demoservice");
    }

    public async Task DisposeAsync() => await Site.DisposeAsync();

    /// <summary>A console on a terminal, with its first prompt.</summary>
    internal async Task<TmuxTerminal> ConsoleAsync(
        int columns = 130, int rows = 40, string? term = null, string? home = null)
    {
        TmuxTerminal terminal = await TmuxTerminal.StartAsync(Site, (columns, rows), ["cli"], term, home);
        try
        {
            await terminal.UntilAsync(@"^\(team1\) admin@127\.0\.0\.1\$");
            return terminal;
        }
        catch
        {
            await terminal.DisposeAsync();
            throw;
        }
    }
}
