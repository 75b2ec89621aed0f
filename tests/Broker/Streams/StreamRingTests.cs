using System.Text;
using TriggerFs.Broker.Streams;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Streams;

/// <summary>What is kept of a stream, and where one begins in it.</summary>
public sealed class StreamRingTests
{
    private static readonly byte[] Demo01 = "demo01"u8.ToArray();

    private readonly StreamRing _ring = new(1000);

    [Fact]
    public void What_was_added_is_read_in_its_pieces_with_who_and_how()
    {
        Add("one\n", unixMs: 1);
        Add("two\n", unixMs: 1);
        Add("odd\n", unixMs: 1, flags: Output.IsError);
        Add("later\n", unixMs: 2);
        Assert.Equal(["one\ntwo\n", "odd\n", "later\n"], Pieces(_ring.Start));
        Assert.Equal(["o\n", "odd\n", "later\n"], Pieces(_ring.Start + 6));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "three\n")]
    [InlineData(2, "two\nthree\n")]
    [InlineData(3, "one\ntwo\nthree\n")]
    [InlineData(9, "one\ntwo\nthree\n")]
    [InlineData(Listen.AllLines, "one\ntwo\nthree\n")]
    public void The_last_lines_are_whole_lines(uint lines, string expected)
    {
        Add("one\ntw");
        Add("o\nthree\n", unixMs: 7);
        Assert.Equal(expected, Text(_ring.From(lines, 0)));
    }

    [Fact]
    public void A_line_that_goes_on_comes_from_its_beginning()
    {
        Add("one\ntwo\nthr");
        Assert.Equal("thr", Text(_ring.From(0, 0)));
        Assert.Equal("two\nthr", Text(_ring.From(1, 0)));
    }

    [Fact]
    public void What_the_broker_says_in_between_is_not_counted_as_a_line()
    {
        Add("one\n");
        Add("two\n");
        Add("worker demo01 was lost\n", flags: Output.IsNotice);
        Add("three\n");
        Assert.Equal("two\nworker demo01 was lost\nthree\n", Text(_ring.From(2, 0)));
    }

    [Fact]
    public void Lines_since_a_moment_are_those_that_came_then_or_later()
    {
        Add("old\nbeg", unixMs: 100);
        Add("un\n", unixMs: 200);
        Add("new\n", unixMs: 300);
        Assert.Equal("old\nbegun\nnew\n", Text(_ring.From(Listen.AllLines, 100)));
        Assert.Equal("begun\nnew\n", Text(_ring.From(Listen.AllLines, 101)));
        Assert.Equal("new\n", Text(_ring.From(Listen.AllLines, 300)));
        Assert.Equal("", Text(_ring.From(Listen.AllLines, 301)));
        Assert.Equal("new\n", Text(_ring.From(1, 100)));
    }

    [Fact]
    public void The_oldest_bytes_make_room_and_nobody_begins_in_the_middle_of_a_line()
    {
        string line = new string('x', 999) + "\n";
        for (int i = 0; i < 2000; i++) Add(line, unixMs: i);
        Assert.Equal(Limits.StreamBytesMax, (int)(_ring.End - _ring.Start));
        Assert.Equal(1000UL + 2_000_000, _ring.End);
        string kept = Text(_ring.From(Listen.AllLines, 0));
        Assert.Equal(Limits.StreamBytesMax / 1000 * 1000, kept.Length);
        Assert.StartsWith(line, kept, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kept_line_may_be_as_long_as_all_that_is_kept()
    {
        Add("first\n");
        Add(new string('x', Limits.StreamBytesMax));
        Assert.Equal(Limits.StreamBytesMax, Text(_ring.From(3, 0)).Length);
        Add("y\n");
        Assert.Equal("", Text(_ring.From(0, 0)));
        Assert.Equal(Limits.StreamBytesMax, Text(_ring.Start).Length);
    }

    [Fact]
    public void Very_many_small_pieces_do_not_take_more_memory_than_few_large_ones()
    {
        for (int i = 0; i < 100_000; i++) Add("x\n", unixMs: i);
        Assert.Equal(StreamRing.PiecesMax * 2, (int)(_ring.End - _ring.Start));
        Assert.Equal("x\nx\n", Text(_ring.From(2, 0)));
    }

    /// <summary>Compared with a string that keeps everything, at random.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_reads_back_what_a_text_would(int seed)
    {
        var random = new Random(seed);
        var whole = new StringBuilder();
        for (int i = 0; i < 3000; i++)
        {
            string line = new((char)random.Next('a', 'z'), random.Next(1, 3000));
            string text = line + (random.Next(2) == 0 ? "\n" : "");
            whole.Append(text);
            Add(text, unixMs: i / 3, flags: (byte)random.Next(2));
            ulong length = _ring.End - _ring.Start;
            Assert.True(length == (ulong)Math.Min(whole.Length, Limits.StreamBytesMax));
            if (i % 100 != 0) continue;
            int back = random.Next((int)length);
            Assert.Equal(whole.ToString(whole.Length - back, back), Text(_ring.End - (ulong)back));
        }
    }

    private void Add(string text, long unixMs = 0, byte flags = 0) =>
        _ring.Add(Encoding.UTF8.GetBytes(text), flags, Demo01, unixMs);

    private string Text(ulong from) => string.Concat(Pieces(from));

    private List<string> Pieces(ulong from)
    {
        List<string> pieces = [];
        while (_ring.TryRead(from, out StreamPiece piece, out ReadOnlySpan<byte> bytes))
        {
            Assert.Equal("demo01", Encoding.UTF8.GetString(piece.Worker));
            pieces.Add(Encoding.UTF8.GetString(bytes));
            from += (ulong)bytes.Length;
        }
        return pieces;
    }
}
