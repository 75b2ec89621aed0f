using System.Text;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Tests.Transport.Zmtp;

public sealed class ZmtpConnectionTests
{
    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void Two_sides_shake_hands_and_talk_both_ways(string mechanism)
    {
        (Party server, Party client) = Party.Connected(mechanism);
        Assert.Equal((1, 1), (server.TimesReady, client.TimesReady));
        foreach (int size in new[] { 0, 1, 31, 222, 223, 254, 255, 256, 65536, 1024 * 1024 })
        {
            byte[] message = Sample(size);
            client.Send(message);
            server.Send(message);
            Party.Talk(server, client);
            Assert.Equal(message, server.Heard[^1]);
            Assert.Equal(message, client.Heard[^1]);
        }
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void Every_byte_may_come_alone(string mechanism)
    {
        Party server = Party.Server(mechanism), client = Party.Client(mechanism);
        ByteByByte(server, client);
        client.Send(Sample(300));
        client.Send(Sample(3));
        server.Send(Sample(700));
        ByteByByte(server, client);
        Assert.Equal([Sample(300), Sample(3)], server.Heard);
        Assert.Equal([Sample(700)], client.Heard);
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void The_stream_may_be_split_anywhere(string mechanism)
    {
        // 700 is beyond the longest thing that one side says in the handshake.
        for (int split = 0; split < 700; split += mechanism == "NULL" ? 1 : 7)
        {
            Party server = Party.Server(mechanism), client = Party.Client(mechanism);
            TalkSplit(server, client, split);
            client.Send(Sample(5));
            client.Send(Sample(400));
            server.Send(Sample(260));
            TalkSplit(server, client, split);
            Assert.Equal([Sample(5), Sample(400)], server.Heard);
            Assert.Equal([Sample(260)], client.Heard);
        }
    }

    [Fact]
    public void Many_messages_in_one_read_come_out_in_their_order()
    {
        (Party server, Party client) = Party.Connected("CURVE");
        for (int i = 0; i < 1000; i++) client.Send(BitConverter.GetBytes(i));
        server.Feed(client.Said());
        Assert.Equal(Enumerable.Range(0, 1000), server.Heard.Select(bytes => BitConverter.ToInt32(bytes)));
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void A_long_message_is_opened_in_one_take_and_told_in_the_next_with_short_ones_behind_it(string mechanism)
    {
        (Party server, Party client) = Party.Connected(mechanism);
        byte[][] all = [Sample(65536), Sample(9), Sample(10), Sample(65535), Sample(11)];
        foreach (byte[] message in all) client.Send(message);
        byte[] said = client.Said();
        int taken = 0;
        void Take() => taken += server.Connection.Take(said.AsSpan(taken));

        (server.Connection.Budget, server.Connection.StepMax) = (32, 32);
        Take();
        Assert.Empty(server.Heard);
        server.Connection.Budget = 32;
        Take();
        Assert.Equal(all[..3], server.Heard);
        (server.Connection.Budget, server.Connection.CostMax) = (32, int.MaxValue);
        Take();
        Assert.Equal(all[..3], server.Heard);
        server.Connection.Budget = 32;
        Take();
        Assert.Equal(all, server.Heard);
        Assert.Equal(said.Length, taken);
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void A_message_that_costs_too_much_now_is_left_for_a_take_that_may_cost_more(string mechanism)
    {
        (Party server, Party client) = Party.Connected(mechanism);
        client.Send(Sample(9));
        client.Send(Sample(5000));
        byte[] said = client.Said();
        (server.Connection.Budget, server.Connection.CostMax) = (4, 4);
        int taken = server.Connection.Take(said);
        Assert.Equal([Sample(9)], server.Heard);
        Assert.Equal(0, server.Connection.Budget);
        (server.Connection.Budget, server.Connection.CostMax) = (4, int.MaxValue);
        Assert.Equal(said.Length, taken + server.Connection.Take(said.AsSpan(taken)));
        Assert.Equal(Sample(5000), server.Heard[^1]);
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void A_halted_connection_takes_nothing_more_until_it_goes_on(string mechanism)
    {
        (Party server, Party client) = Party.Connected(mechanism);
        server.OnMessage = () => server.Connection.Halted = server.Heard.Count == 2;
        for (int i = 0; i < 5; i++) client.Send([(byte)i]);
        server.Feed(client.Said());
        Assert.Equal(2, server.Heard.Count);
        server.Connection.Halted = false;
        server.Feed([]);
        Assert.Equal([[0], [1], [2], [3], [4]], server.Heard);
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void A_ping_is_answered_with_its_context(string mechanism)
    {
        Party server = Party.Server(mechanism);
        IMechanism client = mechanism == "NULL"
            ? new NullMechanism(isServer: false)
            : new CurveClient(Party.Keys.Public.ToArray());
        var output = new OutputQueue(new ChunkPool());
        Handshake(server, client, output);
        client.Seal(isCommand: true, "\u0004PING\0\u0064"u8, "context"u8, output);
        server.Feed(output.ToArray());
        byte[] answer = server.Said();
        var flags = (FrameFlags)answer[0];
        Span<byte> pong = client.Open(ref flags, answer.AsSpan(2));
        Assert.Equal(FrameFlags.Command, flags);
        Assert.Equal("\u0004PONGcontext"u8, pong);
    }

    [Fact]
    public void A_ping_with_a_longer_context_than_allowed_is_refused()
    {
        (Party server, _) = Party.Connected("NULL");
        Refused(server, [4, 24, .. "\u0004PING\0\0"u8, .. new byte[17]], "PING");
    }

    [Fact]
    public void An_unknown_command_is_passed_over()
    {
        (Party server, Party client) = Party.Connected("NULL");
        server.Feed([4, 5, .. "\u0004JOIN"u8]);
        client.Send("after"u8.ToArray());
        Party.Talk(server, client);
        Assert.Equal("after", Encoding.ASCII.GetString(server.Heard.Single()));
    }

    [Fact]
    public void A_message_of_several_frames_is_refused()
    {
        (Party server, _) = Party.Connected("NULL");
        Refused(server, [1, 0, 0, 1, 65], "several frames");
    }

    [Fact]
    public void A_message_before_the_end_of_the_handshake_is_refused()
    {
        Party server = Party.Server("NULL");
        server.Feed(Party.Client("NULL").Said());
        Refused(server, [0, 1, 65], "before the end of the handshake");
    }

    [Theory]
    [InlineData(0x08)]
    [InlineData(0x80)]
    public void Reserved_flags_are_refused(byte flags)
    {
        (Party server, _) = Party.Connected("NULL");
        Refused(server, [flags], "reserved flags");
    }

    [Fact]
    public void A_command_with_MORE_is_refused()
    {
        (Party server, _) = Party.Connected("NULL");
        Refused(server, [5, 0], "MORE");
    }

    [Theory]
    [InlineData("NULL")]
    [InlineData("CURVE")]
    public void A_message_over_the_limit_is_refused_when_only_its_header_has_come(string mechanism)
    {
        (Party server, Party client) = Party.Connected(mechanism);
        server.Connection.MessageMax = 1000;
        client.Send(Sample(1000));
        Party.Talk(server, client);
        Assert.Single(server.Heard);
        client.Send(Sample(1001));
        Refused(server, client.Said()[..9], "over the limit");
    }

    [Fact]
    public void A_frame_that_announces_2_to_the_63_bytes_is_refused()
    {
        (Party server, _) = Party.Connected("NULL");
        Refused(server, [2, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "over the limit");
        (server, _) = Party.Connected("NULL");
        Refused(server, [2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], "over the limit");
    }

    [Fact]
    public void A_handshake_command_over_its_limit_is_refused()
    {
        Party server = Party.Server("CURVE");
        server.Feed(Party.Client("CURVE").Said());
        Refused(server, [6, 0, 0, 0, 0, 0, 0, 0x10, 0], "over the limit");
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n", 1)]
    [InlineData("SSH-2.0-OpenSSH", 1)]
    public void Another_protocol_is_refused_at_its_first_wrong_byte(string text, int enough)
    {
        Refused(Party.Server("CURVE"), Encoding.ASCII.GetBytes(text)[..enough], "does not speak ZMTP");
    }

    [Fact]
    public void A_greeting_without_the_end_of_its_signature_is_refused()
    {
        byte[] greeting = Party.Client("CURVE").Said();
        greeting[9] = 0x7E;
        Refused(Party.Server("CURVE"), greeting[..10], "signature");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_older_ZMTP_is_refused(byte version)
    {
        byte[] greeting = Party.Client("CURVE").Said();
        greeting[10] = version;
        Refused(Party.Server("CURVE"), greeting[..11], "ZMTP");
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 0)]
    public void Version_3_and_whatever_comes_later_is_welcome(byte major, byte minor)
    {
        byte[] greeting = Party.Client("NULL").Said();
        (greeting[10], greeting[11]) = (major, minor);
        for (int i = 1; i < 9; i++) greeting[i] = 0xAA; // The padding is "not significant".
        Party server = Party.Server("NULL");
        server.Feed(greeting);
        Assert.True(server.Connection.IsGreeted);
    }

    [Fact]
    public void Another_mechanism_is_refused_in_both_directions()
    {
        Refused(Party.Server("CURVE"), Party.Client("NULL").Said(), "mechanism NULL");
        Refused(Party.Client("CURVE"), Party.Server("NULL").Said(), "mechanism NULL");
        Refused(Party.Server("NULL"), Party.Client("CURVE").Said(), "mechanism CURVE");
    }

    [Theory]
    [InlineData("REQ", true)]
    [InlineData("SUB", true)]
    [InlineData("", true)]
    [InlineData("DEALER", false)]
    [InlineData("ROUTER", false)]
    public void Only_a_DEALER_or_ROUTER_is_talked_to(string type, bool refused)
    {
        Party server = Party.Server("NULL");
        server.Feed(Party.Client("NULL").Said().AsSpan(0, 64));
        byte[] ready =
            [.. "\u0005READY\u000BSocket-Type"u8, 0, 0, 0, (byte)type.Length, .. Encoding.ASCII.GetBytes(type)];
        byte[] frame = [4, (byte)ready.Length, .. ready];
        if (refused) Assert.True(Refused(server, frame, "socket cannot talk").TellPeer);
        else server.Feed(frame);
        Assert.Equal(refused ? 0 : 1, server.TimesReady);
    }

    [Theory]
    [InlineData("\u0005READY\u000BSocket-Typ")]
    [InlineData("\u0005READY\u000BSocket-Type\0\0\0")]
    [InlineData("\u0005READY\u000BSocket-Type\0\0\0\u0007DEALER")]
    [InlineData("\u0005READY\u0000")]
    [InlineData("\u0005READ")]
    [InlineData("\u0005HELLO")]
    [InlineData("\u0000")]
    [InlineData("")]
    public void Metadata_and_commands_that_break_the_grammar_are_refused(string body)
    {
        Party server = Party.Server("NULL");
        server.Feed(Party.Client("NULL").Said().AsSpan(0, 64));
        byte[] bytes = Encoding.Latin1.GetBytes(body);
        Refused(server, [4, (byte)bytes.Length, .. bytes], "");
    }

    [Fact]
    public void An_error_of_the_peer_ends_the_handshake_with_its_reason()
    {
        Party client = Party.Client("NULL");
        client.Feed(Party.Server("NULL").Said().AsSpan(0, 64));
        Refused(client, [4, 12, .. "\u0005ERROR\u0005go \u001Baway"u8[..12]], "go ?a");
    }

    internal static ZmtpException Refused(Party party, byte[] bytes, string reason)
    {
        ZmtpException problem = Assert.Throws<ZmtpException>(() => party.Feed(bytes));
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
        return problem;
    }

    internal static byte[] Sample(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private static void Handshake(Party server, IMechanism client, OutputQueue output)
    {
        Span<byte> greeting = stackalloc byte[Greeting.Size];
        Greeting.Write(greeting, client.Name, asServer: false);
        server.Feed(greeting);
        client.Begin(output);
        bool isReady = false;
        byte[] heard = server.Said()[Greeting.Size..];
        while (!isReady)
        {
            server.Feed(output.ToArray());
            output.Clear();
            heard = [.. heard, .. server.Said()];
            Assert.True(FrameHeader.TryRead(heard, out FrameHeader header));
            int length = header.Size + (int)header.BodyLength;
            isReady = client.Hear(heard.AsSpan(header.Size, (int)header.BodyLength), output);
            heard = heard[length..];
        }
        server.Feed(output.ToArray());
        output.Clear();
        Assert.Equal(1, server.TimesReady);
    }

    private static void ByteByByte(Party one, Party other)
    {
        while (one.Output.Length + other.Output.Length > 0)
        {
            foreach (byte single in one.Said()) other.Feed([single]);
            foreach (byte single in other.Said()) one.Feed([single]);
        }
    }

    private static void TalkSplit(Party one, Party other, int at)
    {
        while (one.Output.Length + other.Output.Length > 0)
        {
            FeedSplit(other, one.Said(), at);
            FeedSplit(one, other.Said(), at);
        }
    }

    private static void FeedSplit(Party party, byte[] bytes, int at)
    {
        int cut = Math.Min(at, bytes.Length);
        party.Feed(bytes.AsSpan(0, cut));
        party.Feed(bytes.AsSpan(cut));
    }
}
