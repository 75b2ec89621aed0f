using System.Text.RegularExpressions;
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

    private readonly Yard _yard = new();
    private readonly Receiver _receiver = new();

    public void Dispose()
    {
        _yard.Dispose();
        _receiver.Dispose();
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
            .Replace("tcp://graphite:2003", _receiver.Tcp).Replace("udp://statsd:8125", _receiver.Udp);
        Match call = CallPattern().Match(line);
        Assert.True(call.Success, line);
        (string, string)[] args =
        [
            .. call.Groups["arg"].Captures.Select(arg => arg.Value.Split('=', 2)).Select(arg => (arg[0], arg[1])),
        ];
        _yard.Do(plugin, call.Groups["message"].Value, args);
    }

    public static TheoryData<string, string> Examples()
    {
        var examples = new TheoryData<string, string>();
        foreach (Match line in ExamplePattern().Matches(Page)) examples.Add(line.Groups[1].Value, line.Value);
        return examples;
    }

    private static string Taken(PluginManifest manifest) => manifest.Inputs is not { } inputs
        ? "any"
        : string.Join(", ", inputs.Select(input => input.Required ? $"**{input.Name}**"
            : string.IsNullOrEmpty(input.Default) ? input.Name : $"{input.Name}={input.Default}"));

    [GeneratedRegex(@"^\| `(\S+/\S+|echo)` \| .* \| (any|.*?)(?:, for the command's environment)? \|$",
        RegexOptions.Multiline)]
    private static partial Regex RowPattern();

    [GeneratedRegex(@"^\$ triggerfs client -service demo -plugin (\S+).*$", RegexOptions.Multiline)]
    private static partial Regex ExamplePattern();

    [GeneratedRegex(@"-plugin \S+( -args (?<arg>'[^']*'|\S+))*( -command ('(?<message>[^']*)'|(?<message>\S+)))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex CallPattern();
}
