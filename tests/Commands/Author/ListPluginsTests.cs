using System.Text.Json;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Author;

/// <summary><c>triggerfs plugin list</c> and <c>show</c>, of this host.</summary>
public sealed class ListPluginsTests : IDisposable
{
    private readonly Workbench _bench = new();

    public ListPluginsTests()
    {
        _bench.Plugin("plugins/metrics/cpu", "#!/bin/sh\n", """
            {
              "version": "1.2.0", "description": "how busy it is", "author": "Ann", "contract": "exec",
              "inputs": [ { "name": "seconds", "type": "integer", "default": 5, "pattern": "[0-9]+" },
                          { "name": "key", "secret": true, "pass": "fd", "required": true } ],
              "timeout": "10s", "invocation": "triggerfs client -service s -plugin metrics/cpu"
            }
            """);
        _bench.Plugin("plugins/broken", "#!/bin/sh\n", "{ nonsense");
        _bench.Plugin("plugins/echo", "#!/bin/sh\n", """{ "description": "mine" }""");
        _bench.Write("triggerfs.toml", $"[workers]\npluginspath = \"{_bench.Path}/plugins\"\n");
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_list_has_what_is_installed_and_what_is_built_in_and_says_what_cannot_run()
    {
        Ended ended = await _bench.RunAsync("list", "--output", "json");
        JsonElement[] rows = [.. JsonDocument.Parse(ended.Out).RootElement.EnumerateArray()];
        JsonElement Row(string name) => rows.Single(row => row.GetProperty("name").GetString() == name);
        string Cell(string name, string column) => Row(name).GetProperty(column).GetString()!;
        Assert.Equal(("1.2.0", "exec", "how busy it is", ""), (Cell("metrics/cpu", "version"),
            Cell("metrics/cpu", "contract"), Cell("metrics/cpu", "description"), Cell("metrics/cpu", "problem")));
        Assert.Equal(("built-in", ""), (Cell("command/command", "contract"), Cell("command/command", "file")));
        Assert.Equal(("exec", "mine"), (Cell("echo", "contract"), Cell("echo", "description")));
        Assert.Contains("this is no manifest", Cell("broken", "problem"));
    }

    [Fact]
    public async Task A_table_for_people_has_a_column_of_problems_only_when_there_are_any()
    {
        Assert.Contains("| problem", (await _bench.RunAsync("list")).Out);
        File.Delete($"{_bench.Path}/plugins/broken");
        string table = (await _bench.RunAsync("list")).Out;
        Assert.DoesNotContain("problem", table);
        Assert.Contains("| metrics/cpu ", table);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_warned_of()
    {
        _bench.Write("triggerfs.toml", "[workers]\npluginspath = \"/no/such/folder\"\n");
        Ended ended = await _bench.RunAsync("list");
        Assert.Equal(0, ended.ExitCode);
        Assert.Contains("/no/such/folder is no folder that can be looked into", ended.Err);
    }

    [Fact]
    public async Task Show_tells_the_manifest_the_inputs_and_an_example()
    {
        string told = (await _bench.RunAsync("show", "metrics/cpu")).Out;
        Assert.StartsWith("metrics/cpu 1.2.0\n  how busy it is\n", told);
        Assert.Matches("author +Ann", told);
        Assert.Matches(@"seconds +integer, default '5', must match \[0-9\]\+", told);
        Assert.Matches("key +string, required, secret, by descriptor", told);
        Assert.EndsWith("example:\n  triggerfs client -service s -plugin metrics/cpu\n", told);
        JsonElement json = JsonDocument.Parse((await _bench.RunAsync(
            "show", "plugins/metrics/cpu", "--output", "json")).Out).RootElement;
        Assert.Equal("metrics/cpu", json.GetProperty("name").GetString());
        Assert.Equal("[0-9]+", json.GetProperty("inputs")[0].GetProperty("pattern").GetString());
    }

    [Fact]
    public async Task Show_of_what_is_not_there_names_what_is_close()
    {
        Ended ended = await _bench.RunAsync("show", "metrics/cpi");
        Assert.Equal(69, ended.ExitCode);
        Assert.Contains("did you mean 'metrics/cpu'?", ended.Err);
    }
}
