using System.Buffers.Binary;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Tests.Transport.Zmtp;

/// <summary>The header of a frame is not sealed: what happens when it was changed on the way.</summary>
public sealed class ChangedLengthTests
{
    private readonly Party _server;
    private readonly Party _client;

    public ChangedLengthTests() => (_server, _client) = Party.Connected("CURVE");

    public static TheoryData<int, int> Headers()
    {
        var all = new TheoryData<int, int>();
        for (int bit = 0; bit < 8 * FrameHeader.SizeMin; bit++) all.Add(40, bit);
        for (int bit = 0; bit < 8 * FrameHeader.SizeMax; bit++) all.Add(1000, bit);
        return all;
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_changed_bit_of_a_header_is_noticed_by_the_next_message_or_changes_nothing(int size, int bit)
    {
        _client.Send(new byte[size]);
        byte[] frame = _client.Said();
        frame[bit / 8] ^= (byte)(1 << (bit % 8));
        _client.Send([1]);
        byte[] stream = [.. frame, .. _client.Said()];
        ZmtpException? problem = null;
        try
        {
            int taken = _server.Connection.Take(stream);
            _server.Connection.CheckPart(stream.AsSpan(taken));
        }
        catch (ZmtpException thrown)
        {
            problem = thrown;
        }
        // What is inside is sealed, with the flags that count.
        if (problem is null) Assert.Equal([new byte[size], [1]], _server.Heard);
        else Assert.Empty(_server.Heard);
    }

    [Fact]
    public void A_message_that_was_made_longer_is_called_so()
    {
        _client.Send(new byte[40]);
        byte[] frame = _client.Said();
        frame[1] += 150;
        _server.Connection.CheckPart(frame);
        _client.Send([]);
        ZmtpException problem = Assert.Throws<ZmtpException>(
            () => _server.Connection.CheckPart([.. frame, .. _client.Said()]));
        Assert.Contains("a length was changed on the way", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_a_message_is_waited_for_wherever_it_ends()
    {
        byte[] message = new byte[2000];
        for (int at = 0; at + 16 <= message.Length; at += 16) Mark(message.AsSpan(at), nonce: 5);
        _client.Send(message);
        byte[] frame = _client.Said();
        for (int length = 0; length < frame.Length; length++) _server.Connection.CheckPart(frame.AsSpan(0, length));
        _server.Feed(frame);
        Assert.Equal(message, _server.Heard.Single());
    }

    [Fact]
    public void Messages_that_are_whole_are_never_part_of_one_another()
    {
        _client.Send(new byte[40]);
        _client.Send(new byte[40]);
        _client.Send(new byte[40]);
        _server.Connection.CheckPart(_client.Said());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(4, true)]
    [InlineData(1000, true)]
    [InlineData(ulong.MaxValue, false)]
    public void Only_one_of_the_next_nonces_tells_the_beginning_of_a_message(ulong nonce, bool isNoticed)
    {
        _client.Send(new byte[100]);
        byte[] frame = _client.Said();
        Mark(frame.AsSpan(50), nonce);
        Exception? problem = Record.Exception(() => _server.Connection.CheckPart(frame.AsSpan(0, 80)));
        Assert.Equal(isNoticed, problem is ZmtpException);
    }

    private static void Mark(Span<byte> at, ulong nonce)
    {
        "\u0007MESSAGE"u8.CopyTo(at);
        BinaryPrimitives.WriteUInt64BigEndian(at[8..], nonce);
    }
}
