using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>What PLUGINS.md shows works as it says.</summary>
public sealed partial class PluginsPageTests : IDisposable
{
    private static readonly string Page =
        File.ReadAllText(Path.Combine(Sources.Root, "Commands/Worker/PLUGINS.md"));

    private readonly Workshop _shop = new();

    public void Dispose() => _shop.Dispose();

    private void InstallAll()
    {
        foreach (Match file in FilePattern().Matches(Page))
        {
            string name = file.Groups["name"].Value;
            if (name.EndsWith(".json", StringComparison.Ordinal)) _shop.Manifest(name, file.Groups["text"].Value);
            else _shop.Program(name, file.Groups["text"].Value);
        }
    }

    [SkippableTheory]
    [InlineData("hello")]
    [InlineData("disk")]
    [InlineData("upper")]
    [InlineData("old")]
    public void An_example_answers_as_the_page_shows(string plugin)
    {
        Skip.If(plugin == "old" && !HasZeroMq(), "python3-zmq is needed");
        InstallAll();
        Match shown = CallPattern().Matches(Page).Single(call => call.Groups["plugin"].Value == plugin);
        (string, string)[] args =
        [
            .. shown.Groups["arg"].Captures.Select(arg => arg.Value.Split('=')).Select(arg => (arg[0], arg[1])),
        ];
        (End end, string text, _) = _shop.Run(plugin, shown.Groups["message"].Value, 30_000, args);
        Assert.Equal((Outcome.Done, 0, ""), (end.Outcome, end.ExitCode, end.Detail));
        Assert.Equal(shown.Groups["out"].Value, text);
    }

    [Fact]
    public void Each_program_of_the_page_is_called_on_it()
    {
        IEnumerable<string> programs = FilePattern().Matches(Page).Select(file => file.Groups["name"].Value)
            .Where(name => !name.EndsWith(".json", StringComparison.Ordinal));
        Assert.Equal(programs, CallPattern().Matches(Page).Select(call => call.Groups["plugin"].Value));
    }

    [Fact]
    public void A_run_is_given_to_lines_as_the_page_specifies()
    {
        _shop.Program("upper", """
            #!/usr/bin/python3
            import json, os, sys
            for line in sys.stdin:
                call = json.loads(line)
                out = os.environ["TRIGGERFS_CONTRACT"] + "\n" + line
                if "run" in call: print(json.dumps({"id": call["id"], "out": out, "exit": 0}), flush=True)

            """);
        _shop.Manifest("upper.json", """{ "contract": "lines" }""");
        string[] told = _shop.Run("upper", "shout", 30_000, ("who", "me")).Out.Split('\n');
        Assert.Equal("lines/1", told[0]);
        Assert.Contains($"### The contract `{told[0]}`", Page);
        Assert.Equal(Stable(RunPattern().Match(Page).Groups["text"].Value), Stable(told[1]));
    }

    [Fact]
    public void Lines_that_the_page_shows_are_taken_as_it_says()
    {
        string lines = LinesPattern().Match(Page).Groups["text"].Value;
        string numbered = string.Concat(lines.Split('\n').Select(line => line.Trim() + "\n"));
        _shop.Program("seven", $"""
            #!/usr/bin/python3
            import json, sys
            lines = r'''{numbered}'''
            for line in sys.stdin:
                call = json.loads(line)
                if "run" not in call: continue
                print(lines.replace('"id":7', '"id":%d' % call["id"]), flush=True)

            """);
        _shop.Manifest("seven.json", """{ "contract": "lines" }""");
        ulong run = _shop.Stage.Call("seven");
        End end = _shop.Stage.EndOf(run);
        Assert.Equal((Outcome.Done, 3), (end.Outcome, end.ExitCode));
        Assert.Equal([.. "first\n"u8, 0xFF, 0x00, .. "last\n"u8], _shop.Stage.OutputOf(run));
        Assert.Equal("odd\n\n", _shop.Stage.TextOf(run, isError: true));
    }

    /// <summary>A line without what differs from run to run: its numbers, and what is left of its time.</summary>
    private static string Stable(string line)
    {
        using JsonDocument json = JsonDocument.Parse(line);
        IEnumerable<string> run = json.RootElement.GetProperty("run").EnumerateObject()
            .Select(one => one.Name is "run" or "timeout" ? $"{one.Name}: {one.Value.ValueKind}" : one.ToString());
        IEnumerable<string> outer = json.RootElement.EnumerateObject().Select(one => one.Name);
        return string.Join("\n", outer.Concat(run));
    }

    private static bool HasZeroMq()
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", "import zmq"]) { RedirectStandardError = true };
        using Process python = Process.Start(start)!;
        python.WaitForExit();
        return python.ExitCode == 0;
    }

    [GeneratedRegex("""<!-- file: (?<name>\S+) -->\n```\w+\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex FilePattern();

    [GeneratedRegex("""\$ triggerfs client -service demoservice -plugin (?<plugin>\S+)""" +
        """( -command (?<message>\S+)| -args (?<arg>\S+))*\n(?<out>.*?)```""",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CallPattern();

    [GeneratedRegex("""<!-- run -->\n\s*```json\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex RunPattern();

    [GeneratedRegex("""<!-- lines -->\n\s*```json\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex LinesPattern();
}
