using System.Numerics;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Tests.Transport.Crypto;

public sealed class Poly1305Tests
{
    private static readonly BigInteger Prime = (BigInteger.One << 130) - 5;

    [Fact]
    public void The_example_of_RFC_8439_comes_out()
    {
        byte[] key = Convert.FromHexString("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
        byte[] tag = Tag(key, "Cryptographic Forum Research Group"u8);
        Assert.Equal(Convert.FromHexString("a8061dc1305136c6c22b8baf0c0127a9"), tag);
    }

    /// <summary>The sums of RFC 8439, appendix A.3, that reach the prime or pass a limb's end.</summary>
    [Theory]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "03000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
        "02000000000000000000000000000000", "03000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFF11000000000000000000000000000000",
        "05000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFBFEFEFEFEFEFEFEFEFEFEFEFEFEFEFE01010101010101010101010101010101",
        "00000000000000000000000000000000")]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000",
        "FDFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FAFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("0100000000000000040000000000000000000000000000000000000000000000",
        "E33594D7505E43B900000000000000003394D7505E4379CD010000000000000000000000000000000000000000000000" +
        "01000000000000000000000000000000",
        "14000000000000005500000000000000")]
    [InlineData("0100000000000000040000000000000000000000000000000000000000000000",
        "E33594D7505E43B900000000000000003394D7505E4379CD010000000000000000000000000000000000000000000000",
        "13000000000000000000000000000000")]
    public void The_hard_sums_of_RFC_8439_come_out(string key, string message, string tag)
    {
        Assert.Equal(Convert.FromHexString(tag), Tag(Convert.FromHexString(key), Convert.FromHexString(message)));
    }

    [Theory]
    [ClassData(typeof(Widths))]
    public void Random_and_extreme_messages_agree_with_plain_arithmetic(int lanes)
    {
        var random = new Random(7);
        for (int round = 0; round < 3000; round++)
        {
            byte[] key = new byte[32], message = new byte[random.Next(0, 2000)];
            random.NextBytes(key);
            if (round % 3 == 0) key.AsSpan(0, 16).Fill(0xFF);
            random.NextBytes(message);
            if (round % 4 == 0) message.AsSpan().Fill(0xFF);
            Assert.Equal(Plain(key, message), Tag(key, message, lanes));
        }
    }

    private static byte[] Tag(byte[] key, ReadOnlySpan<byte> message, int lanes = 4)
    {
        byte[] boxed = [.. new byte[16], .. message];
        Poly1305.Seal(lanes, Poly1305Key.Read(key), boxed);
        return boxed[..16];
    }

    private static byte[] Plain(byte[] key, byte[] message)
    {
        BigInteger clamp = new(Convert.FromHexString("ffffff0ffcffff0ffcffff0ffcffff0f"), isUnsigned: true);
        BigInteger r = new BigInteger(key.AsSpan(0, 16), isUnsigned: true) & clamp;
        BigInteger sum = 0;
        foreach (byte[] block in message.Chunk(16))
            sum = (sum + new BigInteger([.. block, 1], isUnsigned: true)) * r % Prime;
        sum = (sum + new BigInteger(key.AsSpan(16, 16), isUnsigned: true)) % (BigInteger.One << 128);
        byte[] tag = new byte[16];
        Assert.True(sum.TryWriteBytes(tag, out _, isUnsigned: true));
        return tag;
    }
}
