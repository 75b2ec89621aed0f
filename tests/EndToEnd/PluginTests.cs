using System.Text;
using System.Text.Json;
using TriggerFs.Tests.Commands.Worker.Go2018;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Plugins of all contracts with the real program: a client asks, a worker runs them.</summary>
public sealed class PluginTests : IAsyncLifetime
{
    private const string Canary = "c4nary-7a1f0c55-in-the-mine";

    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        Write("plugins/hello", "#!/bin/sh\necho \"hello $(cat) from $TRIGGERFS_ARG_WHO\"\n", 0x1ED);
        Write("plugins/warm", """
            #!/usr/bin/python3
            import json, sys, time
            for line in sys.stdin:
                line = json.loads(line)
                if "run" not in line: continue
                args = line["run"]["args"]
                if args.get("sleep"): time.sleep(float(args["sleep"]))
                sys.stderr.write("warm got %s\n" % args.get("key", "nothing")); sys.stderr.flush()
                out = "warm %s %s\n" % (line["run"]["message"], args.get("key"))
                print(json.dumps({"id": line["id"], "out": out, "exit": 0}), flush=True)

            """, 0x1ED);
        Write("plugins/warm.json", """{ "contract": "lines" }""", 0x1A4);
        Write("secrets.toml", $"twilio = \"{Canary}\"\n", 0x180);
        await File.AppendAllTextAsync(_site.SettingsFile, $"""

            [workers]
            pluginspath = "{_site.Folder}/plugins"
            [secrets]
            file = "{_site.Folder}/secrets.toml"

            """);
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    private void Write(string name, string text, int mode)
    {
        string path = Path.Combine(_site.Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
    }

    private Task<Ended> Ask(string plugin, string message, params string[] options) =>
        _site.RunAsync(["client", "-service", "demo01", "-plugin", plugin, "-command", message, .. options]);

    [Fact]
    public async Task Programs_and_warm_ones_answer_by_name()
    {
        await _site.WorkerAsync("demo01");
        Assert.Equal("hello world from me\n", (await Ask("hello", "world", "-args", "who=me")).Out);
        Assert.Equal("warm x None\n", (await Ask("warm", "x")).Out);
        Ended missing = await Ask("helo", "x");
        Assert.Equal(127, missing.ExitCode);
        Assert.Contains("did you mean 'hello'?", missing.Err);
    }

    [Fact]
    public async Task What_a_worker_has_is_listed_from_anywhere()
    {
        await _site.WorkerAsync("demo01");
        await Site.UntilAsync(
            async () => (await _site.CliAsync("show plugins")).Out.Contains("| warm "), "its plugins are not told");
        Ended ended = await _site.RunAsync("plugin", "list", "--worker", "demo01", "--output", "json");
        Assert.Equal(0, ended.ExitCode);
        JsonElement warm = JsonDocument.Parse(ended.Out).RootElement.EnumerateArray()
            .Single(row => row.GetProperty("name").GetString() == "warm");
        Assert.Equal("lines", warm.GetProperty("contract").GetString());
        Assert.Equal("demo01", Assert.Single(warm.GetProperty("workers").EnumerateArray()).GetString());
        Ended missing = await _site.RunAsync("plugin", "list", "--worker", "nobody");
        Assert.Equal(69, missing.ExitCode);
        Assert.Contains("there is no worker 'nobody'", missing.Err);
    }

    [SkippableFact]
    public async Task The_200_of_a_plugin_of_2018_is_0_and_is_in_the_JSON()
    {
        using var compiled = new CompiledPlugin();
        Skip.If(compiled.Missing is not null, compiled.Missing);
        compiled.Install($"{_site.Folder}/plugins/old");
        await _site.WorkerAsync("demo01");
        Ended ended = await Ask("old", "line", "-args", "mode=200", "--output", "json");
        Assert.Equal(0, ended.ExitCode);
        JsonElement run = JsonDocument.Parse(ended.Out).RootElement.GetProperty("runs")[0];
        Assert.Equal((0, 200), (run.GetProperty("exitCode").GetInt32(), run.GetProperty("rawExitCode").GetInt32()));
        Assert.Equal("line\nsecond\n", run.GetProperty("stdout").GetString());
    }

    [Fact]
    public async Task A_request_from_within_a_run_is_the_next_of_its_chain_and_a_circle_ends()
    {
        string self = RealProgram.Start(_site.Folder, []).FileName;
        string program = self == "dotnet" ? $"dotnet {AppContext.BaseDirectory}triggerfs.dll" : self;
        Write("plugins/circle", $"""
            #!/bin/sh
            echo "hop $TRIGGERFS_HOPS" $TRIGGERFS_RUN_ID $TRIGGERFS_PARENT
            exec {program} --config {_site.SettingsFile} client -service demo01 -plugin circle -command x -q

            """, 0x1ED);
        await _site.WorkerAsync("demo01", "--jobs", "64");
        Ended ended = await Ask("circle", "x", "-timeout", "120s");
        Assert.Equal(78, ended.ExitCode);
        string[][] hops = [.. ended.Out.TrimEnd().Split('\n').Select(line => line.Split(' '))];
        Assert.Equal(Enumerable.Range(0, 17).Select(hop => $"hop {hop}"), hops.Select(hop => $"{hop[0]} {hop[1]}"));
        Assert.Equal(hops[..^1].Select(hop => hop[2]), hops[1..].Select(hop => hop[3])); // Each names the one before.
        string refused = (await _site.CliAsync("show audit | match TooManyHops | display csv")).Out;
        Assert.EndsWith($",{hops[^1][2]}", refused.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("17 runs led to this one", ended.Err);
    }

    [Fact]
    public async Task A_secret_is_nowhere_but_where_its_owner_put_it()
    {
        Child worker = await _site.WorkerAsync("demo01", "-debug", "true");
        string[] answers =
        [
            .. await Task.WhenAll(
                Told(Ask("warm", "a", "-args", "key=@secret:twilio")),
                Told(Ask("warm", "b", "-args", "key=@secret:twilio", "--output", "json")),
                Told(Ask("command/command", "echo $TRIGGERFS_ARG_KEY; echo $TRIGGERFS_ARG_KEY >&2; sleep 1",
                    "-args", "key=@secret:twilio", "--output", "jsonl")),
                Told(Ask("hello", "c", "-args", "who=@secret:twilio"))),
            // Behind the others: its process is ended with all that it has at that time.
            await Told(Ask("warm", "d", "-args", "key=@secret:twilio", "-args", "sleep=2", "-timeout", "1s")),
            CommandLines(),
            (await _site.CliAsync("show workers", "show jobs", "show audit")).Out,
        ];
        Assert.Contains("warm a ***", answers[0]);
        Assert.Contains("hello c from ***", answers[3]);
        worker.Terminate();
        await worker.EndAsync();
        _site.Broker.Terminate();
        await _site.Broker.EndAsync();

        Assert.Contains("warm got ***", worker.Text);
        Assert.All(answers.Append(worker.Text).Append(_site.Broker.Text), text => Assert.DoesNotContain(Canary, text));
        byte[] canary = Encoding.UTF8.GetBytes(Canary);
        foreach (string file in Directory.EnumerateFiles(_site.Folder, "*", SearchOption.AllDirectories))
            if (Path.GetFileName(file) != "secrets.toml")
                Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(canary) < 0, $"{file} has the secret");
    }

    /// <summary>All that a client says, and every command line that there is while it runs.</summary>
    private static async Task<string> Told(Task<Ended> asked)
    {
        var seen = new StringBuilder();
        while (!asked.IsCompleted)
        {
            seen.Append(CommandLines());
            await Task.WhenAny(asked, Task.Delay(50));
        }
        Ended ended = await asked;
        return seen.Append(ended.Out).Append(ended.Err).ToString();
    }

    private static string CommandLines()
    {
        var all = new StringBuilder();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(folder)[0])) continue;
            try
            {
                all.Append(File.ReadAllText($"{folder}/cmdline"));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }
        return all.ToString();
    }
}
