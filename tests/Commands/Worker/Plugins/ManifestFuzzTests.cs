using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>What stands in the manifests of plugins: understood or refused, and nothing else.</summary>
[Trait("Category", "Fuzz")]
public sealed class ManifestFuzzTests
{
    private static readonly string[] Manifests =
    [
        """
        { "name": "metrics/cpu", "version": "1.2.0", "description": "d", "author": "a", "licence": "MIT",
          "contract": "lines", "timeout": "10s", "invocation": "triggerfs client …", "platforms": ["linux-x64"],
          "stream": true, "processes": 4, "runs": 8, "idle": "5m",
          "inputs": [ { "name": "n", "type": "integer", "required": true, "pattern": "[0-9]+" },
                      { "name": "key", "secret": true, "default": "x" },
                      { "name": "f", "type": "number", "default": 1.5 }, { "name": "b", "type": "boolean" } ] }
        """,
        "{}", """{ "inputs": [ { "name": "a", "pattern": "(a|b)*c{1,3}\\d" } ], "tiemout": 1 }""",
    ];

    [Fact]
    public void Manifests_are_read_or_refused_with_their_file() => Fuzz.Inputs("manifests", 3_000, static random =>
        random.Mutate(Encoding.UTF8.GetBytes(random.Pick(Manifests))), static json =>
    {
        try
        {
            PluginManifest manifest = ManifestReader.Read(json, "/p/x.json", out _);
            Assert.InRange(manifest.Processes, 1, 64);
            Assert.InRange(manifest.Runs, 1, Limits.JobsMax);
            foreach (PluginInput input in manifest.Inputs ?? []) TryCheck(input, Encoding.UTF8.GetString(json));
        }
        catch (TriggerException refused)
        {
            Assert.StartsWith("/p/x.json", refused.Message);
        }
    });

    private static void TryCheck(PluginInput input, string text)
    {
        try
        {
            input.Check(text);
        }
        catch (TriggerException)
        {
            // It does not fit.
        }
    }
}
