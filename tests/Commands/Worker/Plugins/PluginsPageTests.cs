using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>What PLUGINS.md shows works as it says.</summary>
public sealed partial class PluginsPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Workshop _shop;
    private readonly string _page;

    public PluginsPageTests()
    {
        string secrets = _folder.Write("secrets.toml", "sign = \"hunter2\"\n");
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _shop = new(secrets: new(File: secrets));
        _folder.Write("triggerfs.toml", $"[secrets]\nfile = \"{secrets}\"\n");
        _page = File.ReadAllText(Path.Combine(Sources.Root, "Commands/Worker/PLUGINS.md"))
            .Replace("/tmp/myfile.txt", $"{_folder.Path}/myfile.txt", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _shop.Dispose();
        _folder.Dispose();
    }

    private void InstallAll()
    {
        foreach (Match file in FilePattern().Matches(_page))
        {
            string name = file.Groups["name"].Value;
            if (name.EndsWith(".json", StringComparison.Ordinal)) _shop.Manifest(name, file.Groups["text"].Value);
            else _shop.Program(name, file.Groups["text"].Value);
        }
    }

    [SkippableTheory]
    [InlineData("hello")]
    [InlineData("myplugin")]
    [InlineData("disk")]
    [InlineData("sign")]
    [InlineData("upper")]
    [InlineData("old")]
    public void An_example_answers_as_the_page_shows(string plugin)
    {
        Skip.If(plugin == "old" && !HasZeroMq(), "python3-zmq is needed");
        InstallAll();
        Match shown = CallPattern().Matches(_page).Single(call => call.Groups["plugin"].Value == plugin);
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
        IEnumerable<string> programs = FilePattern().Matches(_page).Select(file => file.Groups["name"].Value)
            .Where(name => !name.EndsWith(".json", StringComparison.Ordinal)).Select(Short);
        Assert.Equal(programs, CallPattern().Matches(_page).Select(call => call.Groups["plugin"].Value));
    }

    [SkippableTheory]
    [InlineData("hello", "-command", "world")]
    [InlineData("myplugin/myplugin")]
    [InlineData("disk")]
    [InlineData("sign")]
    [InlineData("upper")]
    [InlineData("old")]
    public async Task An_example_passes_the_test_of_its_manifest(string plugin, params string[] more)
    {
        Skip.If(plugin == "old" && !HasZeroMq(), "python3-zmq is needed");
        InstallAll();
        Ended ended = await Ended.RunAsync(
            RealProgram.Start(_folder.Path, ["plugin", "test", $"{_shop.Path}/{plugin}", .. more]));
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
    }

    [Fact]
    public async Task The_first_one_is_tried_and_tested_as_the_page_shows()
    {
        InstallAll();
        string shown = BenchPattern().Match(_page).Groups["text"].Value;
        string[] parts = shown.Split("$ ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, parts.Length);
        foreach (string part in parts)
        {
            int end = part.IndexOf('\n');
            ProcessStartInfo start = RealProgram.Start(_folder.Path, []);
            string self = string.Join(' ', start.ArgumentList.Prepend(start.FileName));
            (start.FileName, start.WorkingDirectory) = ("/bin/sh", _shop.Path);
            start.ArgumentList.Clear();
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add(part[..end].Replace("triggerfs plugin", $"{self} plugin"));
            Ended ended = await Ended.RunAsync(start);
            Assert.Equal(0, ended.ExitCode);
            Assert.Equal(Timeless(part[(end + 1)..]), Timeless(ended.Out));
        }
    }

    /// <summary>Without what each run of a test finds anew: how long it took, and whether it ended before.</summary>
    private static string Timeless(string told) => EndingPattern().Replace(told, "$1");

    /// <summary>The name by which it is called: X for X/X.</summary>
    private static string Short(string name) =>
        name.Split('/') is [var folder, var file] && folder == file ? file : name;

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
        Assert.Contains($"### The contract `{told[0]}`", _page);
        Assert.Equal(Stable(RunPattern().Match(_page).Groups["text"].Value), Stable(told[1]));
    }

    [Fact]
    public void Lines_that_the_page_shows_are_taken_as_it_says()
    {
        string lines = LinesPattern().Match(_page).Groups["text"].Value;
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

    [GeneratedRegex("""<!-- bench: \S+ -->\n```console\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex BenchPattern();

    [GeneratedRegex("""(ok +(?:answer|cancel|timeout) ).*""")]
    private static partial Regex EndingPattern();

    [GeneratedRegex("""\$ triggerfs client -service demoservice -plugin (?<plugin>\S+)""" +
        """( -command (?<message>\S+)| -args (?<arg>\S+))*\n(?<out>.*?)```""",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CallPattern();

    [GeneratedRegex("""<!-- run -->\n\s*```json\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex RunPattern();

    [GeneratedRegex("""<!-- lines -->\n\s*```json\n(?<text>.*?)```""", RegexOptions.Singleline)]
    private static partial Regex LinesPattern();
}
