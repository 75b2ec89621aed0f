using System.Text;
using TriggerFs.Commands;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

public sealed class ManifestTests
{
    private static PluginManifest Read(string json) =>
        ManifestReader.Read(Encoding.UTF8.GetBytes(json), "/p/x.json", out _);

    private static TriggerException Refused(string json) => Assert.Throws<TriggerException>(() => Read(json));

    [Fact]
    public void All_keys_are_read()
    {
        PluginManifest manifest = Read("""
            {
              "name": "metrics/cpu", "version": "1.2.0", "description": "d", "author": "a", "licence": "MIT",
              "contract": "lines", "timeout": "10s", "invocation": "triggerfs client …", "platforms": ["linux-x64"],
              "stream": true, "processes": 4, "runs": 8, "idle": "5m",
              "inputs": [ { "name": "n", "type": "integer", "required": true, "pattern": "[0-9]+" },
                          { "name": "key", "secret": true, "default": "x" },
                          { "name": "f", "type": "number", "default": 1.5 } ]
            }
            """);
        Assert.Equal(
            ("metrics/cpu", "1.2.0", "d", "a", "MIT", PluginContract.Lines, "triggerfs client …", true),
            (manifest.Name, manifest.Version, manifest.Description, manifest.Author, manifest.Licence,
                manifest.Contract!.Value, manifest.Invocation, manifest.Stream));
        Assert.Equal(
            (TimeSpan.FromSeconds(10), 4, 8, TimeSpan.FromMinutes(5)),
            (manifest.Timeout!.Value, manifest.Processes, manifest.Runs, manifest.Idle));
        Assert.Equal("linux-x64", Assert.Single(manifest.Platforms));
        Assert.Equal(["n", "key", "f"], manifest.Inputs!.Select(input => input.Name));
        Assert.Equal([null, "x", "1.5"], manifest.Inputs!.Select(input => input.Default));
    }

    [Fact]
    public void An_empty_one_says_nothing()
    {
        PluginManifest manifest = Read("{}");
        Assert.Null(manifest.Contract);
        Assert.Null(manifest.Inputs);
        Assert.Null(manifest.Timeout);
    }

    [Fact]
    public void An_unknown_key_is_told_with_the_one_that_was_meant()
    {
        ReadOnlySpan<byte> json = """{ "tiemout": "1s", "inputs": [ { "name": "a", "requird": true } ] }"""u8;
        ManifestReader.Read(json, "x", out string told);
        Assert.StartsWith("'tiemout' is not known, did you mean 'timeout'?; ", told);
        Assert.EndsWith("'requird' is not known, did you mean 'required'?", told);
    }

    [Fact]
    public void Letters_that_are_not_UTF8_are_refused()
    {
        byte[] latin1 = [.. """{ "author": "J"""u8, 0xFC, .. """rg", "zahl": "x" }"""u8];
        Assert.Equal("it is not UTF-8",
            Assert.Throws<TriggerException>(() => ManifestReader.Read(latin1, "/p/x.json", out _)).Why);
    }

    [Theory]
    [InlineData("{\n\"name\": 5 }", "/p/x.json:2: ")]
    [InlineData("{\n\n", "/p/x.json:3: ")]
    [InlineData("[]", "/p/x.json:1: ")]
    [InlineData("null null", "/p/x.json:1: ")]
    public void What_is_no_manifest_is_refused_with_its_line(string json, string where) =>
        Assert.StartsWith(where, Refused(json).Message);

    [Theory]
    [InlineData("""{ "inputs": [ { "name": "a", "default": "\ud800" } ] }""", "half a character")]
    [InlineData("""{ "contract": "rpc" }""", "'rpc' is not a contract")]
    [InlineData("""{ "timeout": "10" }""", "is not a duration")]
    [InlineData("""{ "timeout": "0s" }""", "timeout: more than 0")]
    [InlineData("""{ "idle": "48h" }""", "idle: more than 0")]
    [InlineData("""{ "processes": 0 }""", "processes: 1 to 64")]
    [InlineData("""{ "runs": 100000 }""", "runs: 1 to 4096")]
    [InlineData("""{ "inputs": [ {} ] }""", "each has a name")]
    [InlineData("""{ "inputs": [ null ] }""", "each has a name")]
    [InlineData("""{ "inputs": [ { "name": "a" }, { "name": "a" } ] }""", "'a' is there twice")]
    [InlineData("""{ "inputs": [ { "name": "a", "type": "colour" } ] }""", "'colour' is no type")]
    [InlineData("""{ "inputs": [ { "name": "a", "type": "3" } ] }""", "'3' is no type")]
    [InlineData("""{ "inputs": [ { "name": "a", "pattern": "(" } ] }""", "its pattern cannot be used")]
    [InlineData("""{ "inputs": [ { "name": "a", "pattern": "(a)\\1" } ] }""", "its pattern cannot be used")]
    [InlineData("""{ "inputs": [ { "name": "a", "type": "integer", "default": "x" } ] }""", "'x' is not an integer")]
    [InlineData("""{ "inputs": [ { "name": "a", "default": [] } ] }""", "a list or an object")]
    [InlineData("""{ "inputs": [ { "name": "a", "pass": "argv" } ] }""", "it cannot be passed as 'argv'")]
    public void A_wrong_value_is_refused_by_its_key(string json, string why)
    {
        TriggerException refusal = Refused(json);
        Assert.Contains(why, refusal.Report());
        Assert.Contains("/p/x.json", refusal.Message);
    }

    [Fact]
    public void Too_many_inputs_are_refused()
    {
        IEnumerable<string> inputs = Enumerable.Range(0, 257).Select(i => $$"""{ "name": "a{{i}}" }""");
        Assert.Contains("at most 256", Refused($$"""{ "inputs": [ {{string.Join(", ", inputs)}} ] }""").Why);
    }

    [Fact]
    public void Rubbish_of_any_length_is_refused_or_read_and_never_a_crash()
    {
        byte[] whole = """{ "name": "a", "inputs": [ { "name": "b", "type": "integer", "default": 5 } ] }"""u8
            .ToArray();
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] some = whole[..random.Next(whole.Length + 1)];
            for (int j = random.Next(3); j > 0 && some.Length > 0; j--)
                some[random.Next(some.Length)] = (byte)random.Next(256);
            try
            {
                ManifestReader.Read(some, "x", out _);
            }
            catch (TriggerException)
            {
                // As it should be.
            }
        }
    }
}
