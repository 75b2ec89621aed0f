using System.Text.Json;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>Switches, filters, and how the host is.</summary>
public sealed class SmallPluginTests : IDisposable
{
    private readonly TemporaryFolder _state = new();
    private readonly Yard _yard;

    public SmallPluginTests() => _yard = new(policy: new() { State = _state.Path });

    public void Dispose()
    {
        _yard.Dispose();
        _state.Dispose();
    }

    private string Flip(string word, string name = "lamp") => _yard.Do("switch/flip", word, ("name", name));

    private string Filter(string text, params (string, string)[] args) => _yard.Do("text/filter", text, args);

    [Fact]
    public void A_switch_flips_is_set_and_shown_and_each_name_is_its_own()
    {
        Assert.Equal(["0\n", "1\n", "0\n", "1\n", "1\n", "0\n"],
            new[] { "show", "", "flip\n", "on", "1", "off" }.Select(word => Flip(word)));
        Assert.Equal("1\n", Flip("flip", "door"));
        Assert.Equal("0\n", Flip("show"));
        Assert.Contains("nothing that a switch does", _yard.Failure(64, "switch/flip", "up", ("name", "lamp")));
        Assert.Contains("does not match", _yard.Refusal("switch/flip", "on", ("name", "../lamp")));
    }

    [Fact]
    public void A_switch_stays_as_it_is_when_the_worker_starts_anew()
    {
        Flip("on");
        using var again = new Yard(policy: new() { State = _state.Path });
        Assert.Equal("1\n", again.Do("switch/flip", "show", ("name", "lamp")));
    }

    [Fact]
    public void Many_flips_at_once_are_all_counted()
    {
        ulong[] runs = [.. Enumerable.Range(0, 101).Select(_ => _yard.Stage.Call("switch/flip", args: ("name", "x")))];
        foreach (ulong run in runs) Assert.Equal(0, _yard.Stage.EndOf(run).ExitCode);
        Assert.Equal("1\n", Flip("show", "x"));
    }

    [Fact]
    public void The_state_of_the_host_is_JSON_with_what_proc_says()
    {
        using JsonDocument json = JsonDocument.Parse(_yard.Do("system/status", ""));
        JsonElement status = json.RootElement;
        Assert.Equal(Environment.MachineName, status.GetProperty("host").GetString());
        Assert.Equal(3, status.GetProperty("load").GetArrayLength());
        Assert.True(status.GetProperty("uptime").GetInt64() > 0);
        long total = status.GetProperty("memory").GetProperty("total").GetInt64();
        Assert.InRange(status.GetProperty("memory").GetProperty("available").GetInt64(), 1, total);
        JsonElement root = status.GetProperty("disks").EnumerateArray()
            .First(disk => disk.GetProperty("mount").GetString() == "/");
        Assert.True(root.GetProperty("total").GetInt64() > root.GetProperty("available").GetInt64());
    }

    [Fact]
    public void Lines_are_grepped_sorted_cut_and_counted()
    {
        const string Text = "b 10\na 9\nB 2\na 9\n";
        Assert.Equal("b 10\nB 2\n", Filter(Text, ("grep", "^b"), ("ignorecase", "true")));
        Assert.Equal("b 10\nB 2\n", Filter(Text, ("grep", "a"), ("invert", "true")));
        Assert.Equal("B 2\na 9\nb 10\n", Filter(Text, ("sort", "text"), ("unique", "true")));
        Assert.Equal("b 10\n", Filter(Text, ("sort", "reverse"), ("first", "1")));
        Assert.Equal("2\n9\n10\n", Filter("10\n9\n2\n", ("sort", "number")));
        Assert.Equal("4\n", Filter(Text, ("count", "true")));
        Assert.Equal(1, _yard.Run("text/filter", Text, 30_000, ("grep", "none")).End.ExitCode);
        Assert.Contains("no expression", _yard.Refusal("text/filter", "x", ("grep", "(")));
    }

    [Fact]
    public void Parts_of_JSON_are_picked_from_a_document_or_from_each_line()
    {
        Assert.Equal("a\n2\n", Filter("""{"items":[{"n":"a"},{"n":2},{"m":1}]}""", ("pick", ".items[].n")));
        Assert.Equal("{\"n\":2}\n", Filter("{\"items\":[{\"n\":\"a\"},\n{\"n\":2}]}", ("pick", ".items[1]")));
        Assert.Equal("1\ntrue\n", Filter("{\"a\":1}\n{\"a\":true}\n{}\n", ("pick", ".a")));
        Assert.Equal("x\n", Filter("""["x","y"]""", ("pick", ".[0]")));
        Assert.Contains("is no JSON", _yard.Failure(64, "text/filter", "x\ny", ("pick", ".a")));
    }
}
