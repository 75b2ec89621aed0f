using System.Text;
using TriggerFs.Commands.Worker.Secrets;

namespace TriggerFs.Tests.Commands.Worker.Secrets;

public sealed class SecretMaskTests
{
    /// <summary>What is seen of some pieces that come one after another.</summary>
    private static string Seen(string[] secrets, params byte[][] pieces)
    {
        var mask = new SecretMask(secrets);
        var seen = new List<byte>();
        foreach (byte[] piece in pieces)
        {
            byte[] room = new byte[mask.RoomFor(piece.Length)];
            seen.AddRange(room[..mask.Pass(piece, room)]);
        }
        byte[] rest = new byte[mask.RoomFor(0)];
        seen.AddRange(rest[..mask.End(rest)]);
        return Encoding.Latin1.GetString([.. seen]);
    }

    private static byte[][] Cut(string text, params int[] at)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        int[] cuts = [0, .. at, bytes.Length];
        return [.. cuts.Zip(cuts.Skip(1), (from, to) => bytes[from..to])];
    }

    [Fact]
    public void A_secret_is_not_seen() =>
        Assert.Equal("key=*** and ***!", Seen(["hunter2"], Cut("key=hunter2 and hunter2!")));

    [Fact]
    public void Nor_when_it_comes_in_pieces_wherever_it_is_cut()
    {
        const string Text = "a hunter2 hunhunter2";
        for (int i = 0; i <= Text.Length; i++)
            for (int j = i; j <= Text.Length; j++)
                Assert.Equal("a *** hun***", Seen(["hunter2"], Cut(Text, i, j)));
        Assert.Equal("a *** hun***", Seen(["hunter2"], Cut(Text, [.. Enumerable.Range(1, Text.Length - 1)])));
    }

    [Fact]
    public void What_only_begins_like_one_is_seen_at_the_end() =>
        Assert.Equal("a hunter", Seen(["hunter2"], Cut("a hunter")));

    [Fact]
    public void What_begins_like_one_waits_and_what_is_before_it_does_not()
    {
        var mask = new SecretMask(["hunter2"]);
        byte[] room = new byte[mask.RoomFor(64)];
        Assert.Equal("abc ", Encoding.ASCII.GetString(room[..mask.Pass("abc hun"u8, room)]));
    }

    [Fact]
    public void Of_two_that_begin_alike_the_longer_one_counts_also_in_pieces()
    {
        const string Text = "x abcdef abc abcdex";
        for (int i = 0; i <= Text.Length; i++)
            Assert.Equal("x *** *** ***dex", Seen(["abc", "abcdef"], Cut(Text, i)));
    }

    [Fact]
    public void One_within_another_does_not_betray_it()
    {
        const string Text = "xabcy xabz";
        for (int i = 0; i <= Text.Length; i++)
            for (int j = i; j <= Text.Length; j++)
                Assert.Equal("*** x***z", Seen(["xabcy", "ab"], Cut(Text, i, j)));
    }

    [Fact]
    public void Bytes_that_are_no_text_pass_unchanged()
    {
        string all = Encoding.Latin1.GetString([.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        Assert.Equal(all + "***" + all, Seen(["hunter2"], Cut(all + "hunter2" + all, 256, 260)));
    }

    [Fact]
    public void A_secret_of_one_letter_has_room_to_be_masked() =>
        Assert.Equal("***a***", Seen(["x"], Cut("xax")));

    [Fact]
    public void Random_pieces_of_random_text_are_masked_as_the_whole_is()
    {
        var random = new Random(7);
        for (int round = 0; round < 2000; round++)
        {
            IEnumerable<int> some = Enumerable.Range(0, random.Next(1, 4));
            string[] secrets = [.. some.Select(_ => Letters(random, random.Next(1, 5))).Distinct()];
            string text = Letters(random, random.Next(0, 40));
            int[] cuts = [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(text.Length + 1)).Order()];
            Assert.Equal(Seen(secrets, Cut(text)), Seen(secrets, Cut(text, cuts)));
            string seen = Seen(secrets, Cut(text, cuts));
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, seen));
        }
    }

    private static string Letters(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(3))));
}
