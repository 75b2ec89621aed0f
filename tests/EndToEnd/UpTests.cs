namespace TriggerFs.Tests.EndToEnd;

/// <summary>Everything at once in one process, as somebody meets it for the first time.</summary>
public sealed class UpTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _home = new();
    private readonly List<Child> _children = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (Child child in _children) await child.DisposeAsync();
    }

    public void Dispose() => _home.Dispose();

    private Child Up(params string[] options)
    {
        var child = new Child(RealProgram.Start(_home.Path, ["up", .. options]));
        _children.Add(child);
        return child;
    }

    private Task<Ended> RunAsync(params string[] arguments) => Ended.RunAsync(RealProgram.Start(_home.Path, arguments));

    private string Home(string name) => Path.Join(_home.Path, name);

    [Fact]
    public async Task The_first_time_needs_nothing_and_everything_works()
    {
        Child up = Up("--listen", Site.FreeAddress());
        await up.LineAsync("triggerFS is up");
        Ended answer = await RunAsync(
            "client", "-service", "demo", "-plugin", "command/command", "-command", "echo hi; exit 3");
        Assert.Equal((3, "hi\n"), (answer.ExitCode, answer.Out));
        Assert.Contains("uptime", (await RunAsync("cli", "-c", "show triggers")).Out);
        if (File.Exists("/dev/fuse"))
        {
            File.AppendAllText(Home("triggerfs/demo/uptime"), "echo answer-$((40 + 2))\n");
            await up.LineAsync("answer-42");
            File.AppendAllText(Home("triggerfs/demo/echo"), "it echoes\n");
            await up.LineAsync("it echoes");
        }
        up.Interrupt();
        Assert.Equal(0, await up.EndAsync());
        Assert.False(Directory.Exists(Home("triggerfs")));
        Assert.True(File.Exists(Home(".local/share/triggerfs/triggerfs.toml")));
    }

    [Fact]
    public async Task The_second_time_takes_up_what_the_first_one_made()
    {
        Child first = Up("--dir", "d", "--listen", Site.FreeAddress());
        await first.LineAsync("triggerFS is up");
        string settings = Home("d/triggerfs.toml");
        await RunAsync("--config", settings, "cli", "-c", "set service demo description 'my own'");
        first.Terminate();
        Assert.Equal(0, await first.EndAsync());
        string before = File.ReadAllText(settings);

        Child second = Up("--dir", "d");
        await second.LineAsync("triggerFS is up");
        Assert.Equal(before, File.ReadAllText(settings));
        Assert.Contains("my own", (await RunAsync("--config", settings, "cli", "-c", "show services")).Out);
    }

    [Fact]
    public async Task Commands_find_the_settings_by_themselves_only_when_there_are_no_others()
    {
        string own = _home.Write("triggerfs.toml", "[main]\nteam = \"own\"\n");
        Child up = Up("--listen", Site.FreeAddress());
        await up.LineAsync("export TRIGGERFS_CONFIG=");
        Assert.False(File.Exists(Home(".config/triggerfs/triggerfs.toml")));
        Assert.Equal("[main]\nteam = \"own\"\n", File.ReadAllText(own));
    }

    [Fact]
    public async Task It_takes_the_settings_file_that_it_is_told_and_makes_it_when_it_is_not_there()
    {
        string settings = Home("mine.toml");
        Child up = Up("--dir", "d", "--config", settings, "--listen", Site.FreeAddress());
        await up.LineAsync($"export TRIGGERFS_CONFIG={settings}");
        await up.LineAsync("Ctrl-C ends it");
        Ended answer = await RunAsync(
            "--config", settings, "client", "-service", "demo", "-plugin", "echo", "-command", "hi");
        Assert.Equal((0, "hi"), (answer.ExitCode, answer.Out.Trim()));
        Assert.False(File.Exists(Home("d/triggerfs.toml")));
    }

    [Fact]
    public async Task A_settings_file_without_a_broker_is_refused()
    {
        string settings = _home.Write("mine.toml", "[main]\nteam = \"own\"\n");
        Ended up = await RunAsync("up", "--dir", "d", "--config", settings);
        Assert.Equal(78, up.ExitCode);
        Assert.Contains("under [broker]", up.Err);
        Assert.False(Directory.Exists(Home("d")));
    }

    [Fact]
    public async Task Where_nothing_can_be_mounted_it_says_why_and_does_the_rest()
    {
        _home.Write("triggerfs", "a file, and no directory");
        Child up = Up("--listen", Site.FreeAddress());
        await up.LineAsync("triggerFS is up: broker and worker");
        await up.LineAsync("why: ");
        Ended answer = await RunAsync("client", "-service", "demo", "-plugin", "echo", "-command", "still there");
        Assert.Contains("still there", answer.Out);
        up.Terminate();
        Assert.Equal(0, await up.EndAsync());
    }

    [Fact]
    public async Task Starting_it_twice_is_refused_and_disturbs_nobody()
    {
        Child first = Up("--dir", "d", "--listen", Site.FreeAddress());
        await first.LineAsync("triggerFS is up");
        Ended second = await RunAsync("up", "--dir", "d");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("another broker", second.Err);
        string settings = Home("d/triggerfs.toml");
        Ended answer = await RunAsync(
            "--config", settings, "client", "-service", "demo", "-plugin", "echo", "-command", "still there");
        Assert.Contains("still there", answer.Out);
    }
}
