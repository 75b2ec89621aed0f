using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using TriggerFs.Commands;
using TriggerFs.Commands.Author;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.SignUp;
using TriggerFs.Commands.Up;
using TriggerFs.Commands.Worker;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>README.md is true: what it says to type is typed here, and what it shows is compared.</summary>
public sealed class ReadmeTests : IDisposable
{
    private const string Script = "/usr/bin/script";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_tour_can_be_typed_from_its_beginning_to_its_end()
    {
        bool canMount = MountTests.CanOpenFuse();
        ReadmeBlock[] tour = [.. Readme.Of("tour").Where(block => canMount || block.Host != "pi")];
        Assert.True(tour.Sum(block => block.Commands.Count()) >= 8, "the tour's blocks are not found");
        Ended ended = await BashAsync(ReadmeTour.Script(tour));
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        Assert.Equal(2, Regex.Count(ended.Out, "load average"));
        if (!canMount) return;
        Assert.Equal("19 degrees\n", File.ReadAllText(Path.Join(_folder.Path, "server", "weather.log")));
        Assert.Matches(@"station1 .*\| +1 \|", ended.Out);
        Assert.Contains("19 degrees", File.ReadAllText(Path.Join(_folder.Path, "mount.log")));
    }

    [SkippableFact]
    public async Task The_session_at_its_top_is_what_the_terminals_show()
    {
        Skip.IfNot(File.Exists(Script), "script(1) makes the terminal");
        Skip.IfNot(MountTests.CanOpenFuse(), "/dev/fuse cannot be opened here");
        ReadmeBlock[] terminals = [.. Readme.Of("up")];
        Assert.Equal(2, terminals.Length);
        await using var up = new Child(RealProgram.Start(_folder.Path, ["up", "--listen", Site.FreeAddress()]));
        await up.LineAsync("Ctrl-C ends it");
        string shown = string.Join('\n', terminals[0].Lines.Skip(1)).Replace("/home/you", _folder.Path);
        Assert.Equal(shown, up.Text);

        string typed = _folder.Write(
            "typed", $"triggerfs() {{ {Program()} \"$@\"; }}\n" + string.Join('\n', terminals[1].Commands));
        Ended session = await Ended.RunAsync(Start(Script, "-q", "-c", $"bash {typed}", "/dev/null"));
        string expected = string.Concat(
            terminals[1].Lines.Where(line => !line.StartsWith("$ ", StringComparison.Ordinal)).Select(Pattern));
        Assert.Matches($"^{expected}$", session.Out.ReplaceLineEndings("\n"));
        await up.LineAsync(@"/demo/uptime \[command/command@demo01\] .*load average");
    }

    [Fact]
    public void Every_command_line_of_the_program_is_understood()
    {
        var shared = new SharedOptions();
        var client = new ClientCommand(shared, NetworkSession.OpenAsync, NetworkSession.New);
        Command root = Modules.Root(
            shared, new InitCommand(shared), new BrokerCommand(shared), new WorkerCommand(shared),
            client, new ListenCommand(client),
            new CliCommand(shared, NetworkSession.OpenAsync, NetworkSession.New, new Interrupts()),
            new MountCommand(shared, NetworkSession.New), new UpCommand(shared), new SignUpCommand(shared),
            new PluginCommand(shared, NetworkSession.OpenAsync));
        string[] lines = [.. Readme.CommandLines];
        Assert.True(lines.Length >= 10, "only " + string.Join("; ", lines));
        foreach (string line in lines)
        {
            string[] words = [.. Regex.Matches(line, "'([^']*)'|[^ ]+").Select(word => word.Value.Trim('\''))];
            _ = Modules.Parse(root, words[1..]);
        }
    }

    [Fact]
    public void The_settings_it_shows_are_settings()
    {
        string text = string.Join('\n', Assert.Single(Readme.Blocks, block => block.Kind == "toml").Lines);
        string key = Regex.Match(text, "brokerkey = \"(.*)\"").Groups[1].Value;
        Settings settings = SettingsFile.Parse(
            text.Replace(key, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", StringComparison.Ordinal), "README.md");
        Assert.Equal("tcp://broker.example.com:5555", settings.NeedBroker().Address);
        Assert.Equal("demo01", settings.NeedWorker(null).Identity);
    }

    [Fact]
    public void The_targets_of_make_that_it_names_are_there()
    {
        string makefile = File.ReadAllText(Path.Combine(Repository.Sources.Root, "Makefile"));
        Assert.NotEmpty(Readme.MakeTargets);
        Assert.All(Readme.MakeTargets, target => Assert.Matches($"(?m)^{target}:", makefile));
    }

    /// <summary>A line of the page with its numbers open, whatever they are here.</summary>
    private static string Pattern(string line)
    {
        if (line.Contains("load average", StringComparison.Ordinal)) return ".*load average: .*\n";
        string open = Regex.Replace(Regex.Escape(line), @"\d+", @"\d+");
        return open.Replace(@"demo\d+", "demo01", StringComparison.Ordinal) + "\n";
    }

    /// <summary>How a shell calls the program.</summary>
    private string Program()
    {
        ProcessStartInfo program = RealProgram.Start(_folder.Path, []);
        return $"{program.FileName} {string.Join(' ', program.ArgumentList)}".TrimEnd();
    }

    /// <summary>Another program than ours, in the same surroundings.</summary>
    private ProcessStartInfo Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = RealProgram.Start(_folder.Path, []);
        start.FileName = program;
        start.ArgumentList.Clear();
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return start;
    }

    private Task<Ended> BashAsync(string script)
    {
        ProcessStartInfo start = Start("bash", _folder.Write("tour.sh", script));
        start.Environment["program"] = Program();
        start.Environment["address"] = Site.FreeAddress();
        start.Environment["tour"] = _folder.Path;
        return Ended.RunAsync(start, deadline: TimeSpan.FromMinutes(2));
    }
}
