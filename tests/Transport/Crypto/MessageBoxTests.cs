using System.Buffers.Binary;
using TriggerFs.Transport;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Tests.Transport.Crypto;

public sealed class MessageBoxTests
{
    private static readonly KeyPair Client = KeyPair.Generate(), Server = KeyPair.Generate();
    private static readonly Box Shared = Box.FromKeys(Client.Secret, Server.Public);

    private static ReadOnlySpan<byte> Prefix => "CurveZMQMESSAGEC"u8;

    [Theory]
    [ClassData(typeof(Widths))]
    public void Messages_of_mixed_lengths_are_the_boxes_of_their_full_nonces(int lanes)
    {
        var random = new Random(lanes);
        MessageBox sealing = new(Shared, Prefix, lanes), opening = new(Shared, Prefix, lanes);
        ulong counter = uint.MaxValue - 300; // So that the counter carries into its upper half.
        for (int round = 0; round < 2000; round++, counter += round % 50 == 0 ? 3ul : 1)
        {
            int lengthMax = random.Next(10) switch { < 6 => 110, < 9 => 700, _ => 5000 };
            byte[] plain = new byte[random.Next(lengthMax)];
            random.NextBytes(plain);
            byte[] boxed = new byte[plain.Length + 16];
            int one = random.Next(plain.Length + 1), two = random.Next(one, plain.Length + 1);
            sealing.Seal(counter, plain.AsSpan(0, one), plain.AsSpan(one..two), plain.AsSpan(two), boxed);
            Assert.True(Whole(counter, plain).AsSpan().SequenceEqual(boxed), $"round {round}, length {plain.Length}");

            Assert.True(opening.Open(counter, boxed, boxed.AsSpan(16)));
            Assert.True(plain.AsSpan().SequenceEqual(boxed.AsSpan(16)), $"round {round}, length {plain.Length}");
        }
    }

    [Fact]
    public void A_long_message_agrees_and_opens()
    {
        byte[] plain = new byte[(1 << 20) + 7], boxed = new byte[plain.Length + 16];
        new Random(5).NextBytes(plain);
        new MessageBox(Shared, Prefix).Seal(3, plain, [], [], boxed);
        Assert.True(Whole(3, plain).AsSpan().SequenceEqual(boxed));
        Assert.True(new MessageBox(Shared, Prefix).Open(3, boxed, boxed.AsSpan(16)));
        Assert.True(plain.AsSpan().SequenceEqual(boxed.AsSpan(16)));
    }

    [Fact]
    public void A_message_with_any_bit_turned_is_refused_and_the_next_one_still_opens()
    {
        MessageBox sealing = new(Shared, Prefix), opening = new(Shared, Prefix);
        byte[] first = new byte[37], second = new byte[37], plain = new byte[21];
        sealing.Seal(1, "twenty-one bytes here"u8, [], [], first);
        sealing.Seal(2, "twenty-one bytes more"u8, [], [], second);
        for (int bit = 0; bit < first.Length * 8; bit++)
        {
            byte[] turned = [.. first];
            turned[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(opening.Open(1, turned, plain));
        }
        Assert.Equal(new byte[21], plain);
        Assert.True(opening.Open(2, second, plain));
        Assert.Equal("twenty-one bytes more"u8, plain);
    }

    [Fact]
    public void A_message_under_another_counter_is_refused()
    {
        byte[] boxed = new byte[17];
        new MessageBox(Shared, Prefix).Seal(9, "a"u8, [], [], boxed);
        Assert.False(new MessageBox(Shared, Prefix).Open(10, boxed, new byte[1]));
    }

    [Fact]
    public void A_message_of_the_other_direction_is_refused()
    {
        byte[] boxed = new byte[17];
        new MessageBox(Shared, Prefix).Seal(9, "a"u8, [], [], boxed);
        Assert.False(new MessageBox(Shared, "CurveZMQMESSAGES"u8).Open(9, boxed, new byte[1]));
    }

    [Fact]
    public void A_counter_is_never_sealed_with_twice()
    {
        var box = new MessageBox(Shared, Prefix);
        box.Seal(5, "a"u8, [], [], new byte[17]);
        Assert.Throws<InvalidOperationException>(() => box.Seal(5, "b"u8, [], [], new byte[17]));
    }

    [Fact]
    public void A_message_shorter_than_its_tag_is_refused()
    {
        for (int length = 0; length < 16; length++)
            Assert.False(new MessageBox(Shared, Prefix).Open(1, new byte[length], new byte[16]));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing_once_they_are_warm()
    {
        MessageBox sealing = new(Shared, Prefix), opening = new(Shared, Prefix);
        byte[] plain = new byte[60], boxed = new byte[76];
        for (ulong counter = 0; counter < 10; counter++) Exchange(counter);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong counter = 10; counter < 1000; counter++) Exchange(counter);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Exchange(ulong counter)
        {
            sealing.Seal(counter, plain.AsSpan(0, 1), plain.AsSpan(1, 40), plain.AsSpan(41), boxed);
            Assert.True(opening.Open(counter, boxed, boxed.AsSpan(16)));
        }
    }

    private static byte[] Whole(ulong counter, byte[] plain)
    {
        byte[] nonce = [.. Prefix, .. new byte[8]], boxed = new byte[plain.Length + 16];
        BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(16), counter);
        Shared.Seal(nonce, plain, boxed);
        return boxed;
    }
}
