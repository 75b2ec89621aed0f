using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The program's manners, with nothing running yet: names, help, settings, a new installation.</summary>
public sealed class BasicsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<Ended> RunAsync(params string[] arguments) =>
        Ended.RunAsync(RealProgram.Start(_folder.Path, arguments));

    private Task<Ended> InitAsync(params string[] options)
    {
        string secret = _folder.Write("secret", "correct horse battery staple\n");
        return RunAsync(["init", "--team", "team1", "--identity", "admin", "--secret-file", secret, .. options]);
    }

    [Fact]
    public async Task The_version_goes_to_standard_output()
    {
        Ended ended = await RunAsync("--version");
        Assert.Equal((0, ""), (ended.ExitCode, ended.Err));
        Assert.Matches("^triggerfs [0-9]+\\.[0-9]+\\.[0-9]+\n$", ended.Out);
    }

    [Fact]
    public async Task Help_names_every_module()
    {
        Ended ended = await RunAsync("--help");
        Assert.Equal(0, ended.ExitCode);
        foreach (string module in (string[])["init", "broker", "worker", "client", "cli", "mount", "up", "signup"])
            Assert.Matches($"(?m)^  {module} ", ended.Out);
    }

    [Theory]
    [InlineData("init")]
    [InlineData("broker")]
    [InlineData("client")]
    [InlineData("cli")]
    [InlineData("worker")]
    [InlineData("mount")]
    [InlineData("up")]
    [InlineData("signup")]
    public async Task Every_module_has_help(string module)
    {
        Ended ended = await RunAsync(module, "--help");
        Assert.Equal(0, ended.ExitCode);
        Assert.StartsWith($"triggerfs {module}: ", ended.Out);
    }

    [Fact]
    public async Task A_slip_on_the_command_line_is_one_line_a_hint_and_64()
    {
        Ended ended = await RunAsync("cli", "--confg", "x");
        Assert.Equal((64, ""), (ended.ExitCode, ended.Out));
        Assert.Equal(2, ended.Err.TrimEnd().Split('\n').Length);
    }

    [Fact]
    public async Task A_wrong_key_in_the_settings_is_told_with_its_line_and_78()
    {
        string file = _folder.Write("triggerfs.toml", "[main]\nteem = \"team1\"\n"); // $HOME/triggerfs.toml
        Ended ended = await RunAsync("cli", "-c", "show workers");
        Assert.Equal((78, ""), (ended.ExitCode, ended.Out));
        Assert.Contains($"{file}:2: there is no key main.teem", ended.Err);
        Assert.Contains("'main.team'", ended.Err);
    }

    [Fact]
    public async Task Without_settings_it_is_told_what_is_missing_and_where_it_was_looked_for()
    {
        Ended ended = await RunAsync("cli", "-c", "show workers");
        Assert.Equal(78, ended.ExitCode);
        Assert.Contains("try: add --broker", ended.Err);
    }

    [Theory]
    [InlineData("triggerfs-worker", "worker")]
    [InlineData("triggerfs-client", "client")]
    [InlineData("triggerfs-cli", "cli")]
    [InlineData("triggerfs-broker", "broker")]
    [InlineData("mount.triggerfs", "mount")]
    public async Task A_link_by_the_name_of_a_module_is_that_module(string name, string module)
    {
        string link = Path.Join(_folder.Path, name);
        File.CreateSymbolicLink(link, RealProgram.Executable);
        ProcessStartInfo start = RealProgram.Start(_folder.Path, []);
        start.FileName = link;
        start.ArgumentList.Clear();
        start.ArgumentList.Add("--help");
        Ended ended = await Ended.RunAsync(start);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Err));
        Assert.StartsWith($"triggerfs {module}: ", ended.Out);
    }

    [Fact]
    public async Task Init_makes_an_installation_that_only_its_owner_can_read()
    {
        Ended ended = await InitAsync("--dir", "d");
        Assert.True(ended.ExitCode == 0, ended.Err);
        string settings = Path.Join(_folder.Path, "d", "triggerfs.toml");
        Assert.Contains($"export TRIGGERFS_CONFIG={settings}", ended.Out);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(settings));
        string state = Path.Join(_folder.Path, "d", "state");
        Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(state) & (UnixFileMode)0b111_111);
        Assert.DoesNotContain("horse", ended.Out + ended.Err);
    }

    [Fact]
    public async Task Init_never_overwrites()
    {
        await InitAsync("--dir", "d");
        Dictionary<string, string> before = Everything();
        Ended again = await InitAsync("--dir", "d");
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("installation already", again.Err);
        File.Delete(Path.Join(_folder.Path, "d", "triggerfs.toml"));
        Ended onlyState = await InitAsync("--dir", "d");
        Assert.NotEqual(0, onlyState.ExitCode);
        before.Remove(Path.Join(_folder.Path, "d", "triggerfs.toml"));
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task Init_without_a_terminal_or_file_says_how_to_give_the_secret()
    {
        Ended ended = await RunAsync("init", "--team", "t", "--identity", "i", "--dir", "d");
        Assert.Equal(64, ended.ExitCode);
        Assert.Contains("--secret-file", ended.Err);
        Assert.False(Directory.Exists(Path.Join(_folder.Path, "d")));
    }

    [SkippableFact]
    public async Task Init_asks_for_the_secret_twice_and_never_shows_it()
    {
        Ended ended = await OnTerminalAsync(
            "shown): ", "correct horse\\n", "more: ", "a slip\\n", "shown): ", "correct horse\\n", "more: ",
            "correct horse\\n");
        Assert.True(ended.ExitCode == 0, ended.Out);
        Assert.Contains("not the same", ended.Out);
        Assert.DoesNotContain("horse", ended.Out);
        Assert.DoesNotContain("slip", ended.Out);
        Assert.Contains("secret = \"correct horse\"", File.ReadAllText(Path.Join(_folder.Path, "d", "triggerfs.toml")));
    }

    [SkippableFact]
    public async Task Ctrl_C_at_the_secret_leaves_nothing_behind()
    {
        Ended ended = await OnTerminalAsync("shown): ", "half\\x03");
        Assert.Equal(130, ended.ExitCode);
        Assert.False(Directory.Exists(Path.Join(_folder.Path, "d")));
    }

    [Theory]
    [InlineData("--listen", "tcp://127.0.0.1:0")]
    [InlineData("--listen", "http://x")]
    [InlineData("--team", "no good")]
    public async Task Init_refuses_what_could_not_work(params string[] options)
    {
        Ended ended = await InitAsync(["--dir", "d", .. options]);
        Assert.Equal(64, ended.ExitCode);
        Assert.False(Directory.Exists(Path.Join(_folder.Path, "d")));
    }

    [Fact]
    public async Task A_broker_without_an_installation_says_how_to_make_one()
    {
        Ended ended = await RunAsync("broker");
        Assert.Equal(78, ended.ExitCode);
        Assert.Contains("triggerfs init", ended.Err);
    }

    private async Task<Ended> OnTerminalAsync(params string[] typed)
    {
        Skip.IfNot(TypedTerminal.IsThere, "python3 makes the terminal");
        return await TypedTerminal.RunAsync(
            RealProgram.Start(_folder.Path,
                ["init", "--team", "t", "--identity", "hp", "--dir", "d", "--listen", "tcp://127.0.0.1:1"]),
            typed);
    }

    private Dictionary<string, string> Everything() =>
        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)));
}
