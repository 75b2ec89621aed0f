using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>What stands in the files of plugins: understood or refused, and nothing else.</summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests : IDisposable
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

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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

    [Fact]
    public void Whatever_stands_in_a_program_it_is_linked_with_a_library_or_not()
    {
        byte[] program = File.ReadAllBytes("/bin/sh");
        string path = Path.Combine(_folder.Path, "program");
        File.WriteAllBytes(path, program);
        Assert.True(ElfFile.Needs(path, "libc.so"));
        Fuzz.Rounds("programs", 300, random =>
        {
            byte[] bytes = [.. program];
            for (int change = random.Next(1, 10); change > 0; change--)
                bytes[random.Next(random.Next(2) == 0 ? 1024 : bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            _ = ElfFile.Needs(path, "libzmq");
        });
    }

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
