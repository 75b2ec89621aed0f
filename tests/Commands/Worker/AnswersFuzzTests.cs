using System.Text.Json;
using TriggerFs.Commands.Worker.Go2018;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>
/// What plugins of 2018 may say: understood or refused, the same however it is cut into pieces, and nothing else.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class AnswersFuzzTests
{
    private static readonly string[] Answers =
    [
        """{"result":{"exitcode":3,"output":["one","two"]},"error":null,"id":0}""" + "\n",
        """{"Id":1,"Result":null,"Error":"it \ud83d\ude00 failed"}""", """{"id":2,"result":{"ExitCode":-1}}""" + "\r\n",
        """{"id":1e2,"result":{"output":[1,null,"a\\b"]},"error":{"code":5}}""", """{"result":{"":[[[[{}]]]]}}""",
    ];

    [Fact]
    public void Answers_of_plugins_of_2018_are_read_or_refused_in_whatever_pieces() =>
        Fuzz.Inputs("answers", 3_000, random => SomewhatRight.Some(random, Answers), static bytes =>
        {
            var random = new Random(bytes.Length);
            Assert.Equal(AnswersIn(bytes, () => bytes.Length), AnswersIn(bytes, () => random.Next(1, 40)));
        });

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
}
