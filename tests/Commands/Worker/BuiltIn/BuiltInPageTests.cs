using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using TriggerFs.Commands;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>BUILTIN.md is true: its table is that of the manifests, and its examples are run.</summary>
public sealed partial class BuiltInPageTests : IDisposable
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(Sources.Root, "Commands/Worker/BUILTIN.md"));

    /// <summary>Their tests have what they need on the other side: an sshd, a broker.</summary>
    private static readonly string[] TestedElsewhere =
        ["system/service", "ssh/run", "ansible/playbook", "trigger/write"];

    private readonly TemporaryFolder _folder = new();
    private readonly Yard _yard;
    private readonly Receiver _receiver = new();
    private readonly WebServer _web = new();

    public BuiltInPageTests() => _yard = new(
        [Yard.Section("system/kill", null, ["sleepy"])], policy: new() { State = _folder.Path });

    public void Dispose()
    {
        _yard.Dispose();
        _receiver.Dispose();
        _web.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_settings_that_the_page_shows_are_understood()
    {
        string settings = string.Concat(TomlPattern().Matches(Page).Select(block => block.Groups[1].Value));
        PluginSection[] sections = [.. SettingsFile.Parse(settings, "page.toml").Plugins];
        Assert.True(sections.Length >= 6);
        Assert.Equal(
            sections.Select(section => section.Name),
            BuiltInPlugins.Of(new(_yard.Stage.Link.Loop, _yard.Stage.Processes,
                new("demo01", 1) { Sections = sections }, _yard.Stage.Log)).TakeLast(sections.Length)
                .Select(plugin => plugin.Name));
    }

    private IReadOnlyList<IPlugin> BuiltIn => BuiltInPlugins.Of(
        new(_yard.Stage.Link.Loop, _yard.Stage.Processes, new("demo01", 1), _yard.Stage.Log));

    [Fact]
    public void The_table_has_every_plugin_with_what_it_takes()
    {
        string[] rows = [.. RowPattern().Matches(Page).Select(row => $"{row.Groups[1]}: {row.Groups[2]}")];
        Assert.Equal(BuiltIn.Select(plugin => $"{plugin.Name}: {Taken(plugin.Manifest)}"), rows);
    }

    [Fact]
    public void Each_plugin_has_its_example_on_the_page_and_says_who_made_it()
    {
        foreach (PluginManifest manifest in BuiltIn.Select(plugin => plugin.Manifest))
        {
            if (manifest.Inputs is not null) Assert.Contains($"$ {manifest.Invocation}\n", Page);
            Assert.StartsWith($"triggerfs client -service demo -plugin {manifest.Name} ", manifest.Invocation);
            Assert.NotEmpty(manifest.Description);
            Assert.NotEmpty(manifest.Version);
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_of_the_page_works(string plugin, string line)
    {
        line = line.Replace("/tmp/", _yard.Folder + "/")
            .Replace("udp://graylog:12201", _receiver.Udp).Replace("udp://loghost:514", _receiver.Udp)
            .Replace("tcp://graphite:2003", _receiver.Tcp).Replace("udp://statsd:8125", _receiver.Udp)
            .Replace("http://web:8080", _web.Url);
        Match call = CallPattern().Match(line);
        Assert.True(call.Success, line);
        (string, string)[] args =
        [
            .. call.Groups["arg"].Captures.Select(arg => arg.Value.Split('=', 2)).Select(arg => (arg[0], arg[1])),
        ];
        if (plugin == "sql/insert") MakeTable();
        using Process? sleepy = plugin == "system/kill" ? Sleepy() : null;
        _yard.Do(plugin, call.Groups["message"].Value, args);
        sleepy?.WaitForExit();
    }

    private void MakeTable()
    {
        using var connection = new SqliteConnection($"Data Source={_yard.Path("readings.db")};Pooling=False");
        connection.Open();
        using SqliteCommand table = connection.CreateCommand();
        table.CommandText = "CREATE TABLE readings (station TEXT, celsius REAL, taken TEXT)";
        table.ExecuteNonQuery();
    }

    private Process Sleepy()
    {
        File.Copy("/bin/sleep", _yard.Path("sleepy"));
        return Process.Start(_yard.Path("sleepy"), "600");
    }

    public static TheoryData<string, string> Examples()
    {
        var examples = new TheoryData<string, string>();
        foreach (Match line in ExamplePattern().Matches(Page))
            if (!TestedElsewhere.Contains(line.Groups[1].Value)) examples.Add(line.Groups[1].Value, line.Value);
        return examples;
    }

    private static string Taken(PluginManifest manifest) => manifest.Inputs is not { } inputs
        ? "any"
        : string.Join(", ", inputs.Select(input => input.Required ? $"**{input.Name}**"
            : string.IsNullOrEmpty(input.Default) ? input.Name : $"{input.Name}={input.Default}"));

    [GeneratedRegex(@"^\| `(\S+/\S+|echo)` \| .*? \| (any|.*?)(?:, for the command's environment)? \|$",
        RegexOptions.Multiline)]
    private static partial Regex RowPattern();

    [GeneratedRegex(@"^\$ triggerfs client -service demo -plugin (\S+).*$", RegexOptions.Multiline)]
    private static partial Regex ExamplePattern();

    [GeneratedRegex("```toml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex TomlPattern();

    [GeneratedRegex(@"-plugin \S+( -args (?<arg>'[^']*'|\S+))*( -command ('(?<message>[^']*)'|(?<message>\S+)))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex CallPattern();
}
