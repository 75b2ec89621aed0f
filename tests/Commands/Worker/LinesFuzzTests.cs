using TriggerFs.Commands.Worker.Lines;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>
/// What warm plugins may say: understood or refused, the same however it is cut into pieces, and nothing else.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class LinesFuzzTests
{
    private static readonly string[] Lines =
    [
        """{"id":7,"out":"a\u00fcb\n","err64":"AAEC","status":{"done":1.5,"total":3},"exit":5}""" + "\n",
        """{"id":18446744073709551615,"err":"x","out64":"\/w==","more":[{"a":[1,2,3]}]}""" + "\n",
        """{"id":1,"status":{"done":0.5},"exit":-2147483648}""" + "\r\n", "{}\n", "\n",
    ];

    [Fact]
    public void Lines_of_warm_plugins_are_read_or_refused_in_whatever_pieces() =>
        Fuzz.Inputs("lines", 3_000, random => SomewhatRight.Some(random, Lines), static bytes =>
        {
            var random = new Random(bytes.Length);
            Assert.Equal(LinesIn(bytes, () => bytes.Length), LinesIn(bytes, () => random.Next(1, 40)));
        });

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
