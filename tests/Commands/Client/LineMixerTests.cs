using System.Text;
using TriggerFs.Commands.Client;

namespace TriggerFs.Tests.Commands.Client;

public sealed class LineMixerTests : ILineTarget
{
    private readonly StringBuilder _text = new();
    private readonly List<OutputChunk> _done = [];

    [Fact]
    public void Lines_of_several_workers_are_never_mixed_within_a_line()
    {
        LineMixer mixer = Mix(isEager: false, "a:one ", "b:uno ", "a:two\nthree", "b:dos\n", "a:\n");
        Assert.Equal("a>one two|b>uno dos|a>three|", _text.ToString());
        Assert.Equal(3, mixer.LineCount);
        Assert.Equal(5, _done.Count);
    }

    [Fact]
    public void A_line_without_an_end_is_a_line_when_its_worker_ends()
    {
        LineMixer mixer = Mix(isEager: false, "a:one", "b:uno");
        mixer.End("a");
        Assert.Equal("a>one|", _text.ToString());
        mixer.EndAll();
        Assert.Equal("a>one|b>uno|", _text.ToString());
    }

    [Fact]
    public void A_long_line_takes_the_floor_and_the_others_are_neither_mixed_in_nor_credited()
    {
        string half = new('x', 70_000);
        LineMixer mixer = Mix(isEager: false, $"a:{half}", "b:uno\n", "b:dos");
        Assert.Equal($"a>{half}", _text.ToString());
        Assert.Single(_done);
        mixer.Take(Chunk($"a:{half}\n"));
        Assert.Equal($"a>{half}{half}|b>uno|", _text.ToString());
        Assert.Equal(4, _done.Count);
        mixer.EndAll();
        Assert.EndsWith("b>dos|", _text.ToString());
    }

    [Fact]
    public void The_floor_is_free_when_its_worker_ends()
    {
        LineMixer mixer = Mix(isEager: false, $"a:{new string('x', 70_000)}", "b:uno\n");
        mixer.End("a");
        Assert.EndsWith("x|b>uno|", _text.ToString());
    }

    [Fact]
    public void An_eager_mixer_passes_a_prompt_on_at_once()
    {
        LineMixer mixer = Mix(isEager: true, "a:Password: ");
        Assert.Equal("a>Password: ", _text.ToString());
        mixer.Take(Chunk("a:ok\nnext"));
        Assert.Equal("a>Password: ok|a>next", _text.ToString());
        mixer.EndAll();
        Assert.Equal("a>Password: ok|a>next|", _text.ToString());
        Assert.Equal(2, mixer.LineCount);
    }

    [Fact]
    public void An_eager_mixer_ends_a_line_that_the_other_stream_breaks_into()
    {
        LineMixer mixer = Mix(isEager: true, "a:half", "a!oops\n", "a:rest\n");
        Assert.Equal("a>half|a!oops|a>rest|", _text.ToString());
        mixer.EndAll();
    }

    [Fact]
    public void Empty_lines_are_lines()
    {
        LineMixer mixer = Mix(isEager: false, "a:\n\nx\n");
        Assert.Equal("a>|a>|a>x|", _text.ToString());
        Assert.Equal(3, mixer.LineCount);
    }

    [Fact]
    public void Random_pieces_of_many_workers_come_out_whole_and_in_order()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        string[] wholes = [.. Enumerable.Range(0, 5).Select(w => string.Concat(Enumerable.Range(0, 40).Select(i =>
            $"{w}.{i}." + new string((char)('a' + w), random.Next(20) == 0 ? 90_000 : random.Next(30)) + "\n")))];
        int[] at = new int[wholes.Length];
        var mixer = new LineMixer(this, isEager: false);
        while (Enumerable.Range(0, 5).Where(w => at[w] < wholes[w].Length).ToArray() is { Length: > 0 } left)
        {
            int w = left[random.Next(left.Length)];
            int length = Math.Min(random.Next(1, random.Next(2) == 0 ? 20 : 60_000), wholes[w].Length - at[w]);
            mixer.Take(Chunk($"{w}:{wholes[w].Substring(at[w], length)}"));
            at[w] += length;
            if (at[w] == wholes[w].Length) mixer.End(w.ToString());
        }
        mixer.EndAll();
        string[] lines = _text.ToString().TrimEnd('|').Split('|');
        for (int w = 0; w < wholes.Length; w++)
        {
            string own = string.Concat(lines.Where(line => line.StartsWith($"{w}>")).Select(line => line[2..] + "\n"));
            Assert.True(own == wholes[w], $"worker {w} of seed {seed}");
        }
    }

    void ILineTarget.Write(string worker, bool isError, ReadOnlySpan<byte> piece, bool begins, bool ends)
    {
        if (begins) _text.Append(worker).Append(isError ? '!' : '>');
        _text.Append(Encoding.UTF8.GetString(piece));
        if (ends) _text.Append('|');
    }

    void ILineTarget.Done(OutputChunk chunk) => _done.Add(chunk);

    private LineMixer Mix(bool isEager, params string[] chunks)
    {
        var mixer = new LineMixer(this, isEager);
        foreach (string chunk in chunks) mixer.Take(Chunk(chunk));
        return mixer;
    }

    private static OutputChunk Chunk(string text) =>
        new(text[..1], text[1] == '!', Encoding.UTF8.GetBytes(text[2..]), IsTail: false);
}
