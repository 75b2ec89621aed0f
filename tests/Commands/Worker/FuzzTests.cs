using System.Text;
using System.Text.Json;
using TriggerFs.Commands.Worker.Go2018;
using TriggerFs.Commands.Worker.Lines;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>
/// What plugins and their files may say: understood or refused, the same however it is cut into pieces, and nothing
/// else.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests : IDisposable
{
    private static readonly string[] Answers =
    [
        """{"result":{"exitcode":3,"output":["one","two"]},"error":null,"id":0}""" + "\n",
        """{"Id":1,"Result":null,"Error":"it \ud83d\ude00 failed"}""", """{"id":2,"result":{"ExitCode":-1}}""" + "\r\n",
        """{"id":1e2,"result":{"output":[1,null,"a\\b"]},"error":{"code":5}}""", """{"result":{"":[[[[{}]]]]}}""",
    ];

    private static readonly string[] Lines =
    [
        """{"id":7,"out":"a\u00fcb\n","err64":"AAEC","status":{"done":1.5,"total":3},"exit":5}""" + "\n",
        """{"id":18446744073709551615,"err":"x","out64":"\/w==","more":[{"a":[1,2,3]}]}""" + "\n",
        """{"id":1,"status":{"done":0.5},"exit":-2147483648}""" + "\r\n", "{}\n", "\n",
    ];

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
    public void Answers_of_plugins_of_2018_are_read_or_refused_in_whatever_pieces() =>
        Fuzz.Inputs("answers", 3_000, random => Some(random, Answers), static bytes =>
        {
            var random = new Random(bytes.Length);
            Assert.Equal(AnswersIn(bytes, () => bytes.Length), AnswersIn(bytes, () => random.Next(1, 40)));
        });

    [Fact]
    public void Lines_of_warm_plugins_are_read_or_refused_in_whatever_pieces() =>
        Fuzz.Inputs("lines", 3_000, random => Some(random, Lines), static bytes =>
        {
            var random = new Random(bytes.Length);
            Assert.Equal(LinesIn(bytes, () => bytes.Length), LinesIn(bytes, () => random.Next(1, 40)));
        });

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

    private static byte[] Some(Random random, string[] samples)
    {
        List<byte> bytes = [];
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            byte[] sample = Encoding.UTF8.GetBytes(random.Pick(samples));
            bytes.AddRange(random.Next(2) == 0 ? sample : random.Mutate(sample));
        }
        return [.. bytes];
    }

    private static List<string> AnswersIn(byte[] bytes, Func<int> length)
    {
        var answers = new RpcAnswers();
        List<string> found = [];
        try
        {
            for (int at = 0; at < bytes.Length;)
            {
                ReadOnlySpan<byte> piece = bytes.AsSpan(at, Math.Min(length(), bytes.Length - at));
                at += piece.Length;
                piece.CopyTo(answers.Room());
                answers.Write(piece.Length);
                while (answers.TryTake() is { } answer)
                    found.Add($"{answer.Id} {answer.ExitCode} {answer.Error} {string.Join('\n', answer.Output)}");
                Assert.InRange(answers.Shown.Length, 0, 400);
            }
        }
        catch (JsonException)
        {
            found.Add("refused");
        }
        return found;
    }

    private static List<string> LinesIn(byte[] bytes, Func<int> length)
    {
        var lines = new LineBuffer();
        var line = new PluginLine();
        List<string> found = [];
        for (int at = 0; at < bytes.Length;)
        {
            ReadOnlySpan<byte> piece = bytes.AsSpan(at, Math.Min(length(), bytes.Length - at));
            at += piece.Length;
            piece.CopyTo(lines.Room());
            lines.Write(piece.Length);
            while (lines.TryTake(out ReadOnlySpan<byte> taken))
                found.Add(line.Read(taken) ? Shown(line) : "refused");
        }
        return found;
    }

    private static string Shown(PluginLine line) =>
        $"{line.Id} {Convert.ToHexString(line.Out)} {Convert.ToHexString(line.Error)} {line.Exit} {line.Status}";

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
