using TriggerFs.Transport.Crypto;

namespace TriggerFs.Tests.Transport.Crypto;

public sealed class SecretBoxTests
{
    /// <summary>The key, nonce, text and box of NaCl's own tests (tests/secretbox.c).</summary>
    private static readonly byte[] Key =
        Convert.FromHexString("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
    private static readonly byte[] Nonce = Convert.FromHexString("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
    private static readonly byte[] Text = Convert.FromHexString(
        "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a" +
        "1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057" +
        "e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040" +
        "e082f937763848645e0705");
    private static readonly byte[] Boxed = Convert.FromHexString(
        "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4" +
        "476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738" +
        "b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de" +
        "56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5");

    [Theory]
    [ClassData(typeof(Widths))]
    public void The_box_of_NaCls_own_test_comes_out(int lanes)
    {
        byte[] boxed = new byte[Text.Length + 16];
        new SecretBox(Key, lanes).Seal(Nonce, Text, boxed);
        Assert.Equal(Boxed, boxed);
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void The_box_of_NaCls_own_test_opens(int lanes)
    {
        byte[] plain = new byte[Text.Length];
        Assert.True(new SecretBox(Key, lanes).Open(Nonce, Boxed, plain));
        Assert.Equal(Text, plain);
    }

    [SkippableTheory]
    [ClassData(typeof(Widths))]
    public void Every_length_up_to_1000_and_some_large_ones_agree_with_libsodium(int lanes)
    {
        Skip.If(Sodium.Missing is not null, Sodium.Missing);
        var random = new Random(20180430);
        foreach (int length in Enumerable.Range(0, 1001).Concat([4095, 65536, 65537, (1 << 20) + 13]))
        {
            byte[] key = Bytes(random, 32), nonce = Bytes(random, 24), plain = Bytes(random, length);
            byte[] boxed = new byte[length + 16];
            var box = new SecretBox(key, lanes);
            box.Seal(nonce, plain, boxed);
            Assert.True(Sodium.SecretBox(plain, nonce, key).AsSpan().SequenceEqual(boxed), $"length {length}");

            byte[] opened = new byte[length];
            Assert.True(box.Open(nonce, boxed, opened));
            Assert.True(opened.AsSpan().SequenceEqual(plain), $"length {length}");
        }
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void A_box_opens_in_place(int lanes)
    {
        byte[] memory = [.. Boxed];
        Assert.True(new SecretBox(Key, lanes).Open(Nonce, memory, memory.AsSpan(16)));
        Assert.Equal(Text, memory[16..]);
    }

    [Fact]
    public void A_box_with_any_bit_turned_is_refused_and_nothing_is_written()
    {
        var box = new SecretBox(Key);
        for (int bit = 0; bit < Boxed.Length * 8; bit++)
        {
            byte[] turned = [.. Boxed];
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] plain = new byte[Text.Length];
            Assert.False(box.Open(Nonce, turned, plain));
            Assert.All(plain, value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void A_box_shorter_than_its_tag_is_refused()
    {
        for (int length = 0; length < 16; length++)
            Assert.False(new SecretBox(Key).Open(Nonce, Boxed.AsSpan(0, length), new byte[16]));
    }

    [Fact]
    public void A_box_cut_short_is_refused()
    {
        Assert.False(new SecretBox(Key).Open(Nonce, Boxed.AsSpan(0, Boxed.Length - 1), new byte[Text.Length]));
    }

    [Fact]
    public void A_wiped_key_opens_nothing()
    {
        var box = new SecretBox(Key);
        box.Wipe();
        Assert.False(box.Open(Nonce, Boxed, new byte[Text.Length]));
    }

    private static byte[] Bytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
