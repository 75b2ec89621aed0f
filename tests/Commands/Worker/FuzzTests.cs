using System.Text;
using System.Text.Json;
using TriggerFs.Commands.Worker.Go2018;
using TriggerFs.Commands.Worker.Lines;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>
/// What plugins may say: understood or refused, the same however it is cut into pieces, and nothing
/// else.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests
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
}
