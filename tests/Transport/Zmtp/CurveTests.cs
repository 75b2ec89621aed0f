using System.Buffers.Binary;
using TriggerFs.Transport;
using TriggerFs.Transport.Zmtp;
using static TriggerFs.Tests.Transport.Zmtp.ZmtpConnectionTests;

namespace TriggerFs.Tests.Transport.Zmtp;

public sealed class CurveTests
{
    [Fact]
    public void A_client_that_pins_another_key_is_told_so()
    {
        Party server = Party.Server("CURVE");
        Party client = Party.Client("CURVE", KeyPair.Generate().Public.ToArray());
        server.Feed(client.Said());
        client.Feed(server.Said());
        ZmtpException problem = Refused(server, client.Said(), "another server key");
        Assert.True(problem.TellPeer);
        server.Connection.Refuse(problem.Message);
        Refused(client, server.Said(), "another server key");
    }

    [Fact]
    public void A_welcome_that_was_not_made_with_the_pinned_key_is_refused()
    {
        Party server = Party.Server("CURVE"), client = Party.Client("CURVE");
        server.Feed(client.Said());
        client.Feed(server.Said());
        server.Feed(client.Said());
        byte[] welcome = server.Said();
        welcome[^1] ^= 1;
        Refused(client, welcome, "pinned key");
    }

    [Fact]
    public void A_key_that_gives_everybody_the_same_secret_is_refused()
    {
        Party server = Party.Server("CURVE"), client = Party.Client("CURVE");
        server.Feed(client.Said());
        client.Feed(server.Said());
        byte[] hello = client.Said();
        hello.AsSpan(2 + 80, 32).Clear();
        Refused(server, hello, "key that is none");
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(2 + 6, 2)]
    [InlineData(2 + 150, 1)]
    public void A_changed_hello_is_refused(int at, byte change)
    {
        Party server = Party.Server("CURVE"), client = Party.Client("CURVE");
        server.Feed(client.Said());
        client.Feed(server.Said());
        byte[] hello = client.Said();
        hello[at] ^= change;
        Refused(server, hello, "");
    }

    [Fact]
    public void A_second_hello_is_refused()
    {
        Party server = Party.Server("CURVE"), client = Party.Client("CURVE");
        server.Feed(client.Said());
        client.Feed(server.Said());
        byte[] hello = client.Said();
        server.Feed(hello);
        Refused(server, hello, "out of turn");
    }

    [Fact]
    public void A_message_that_comes_twice_is_refused()
    {
        (Party server, Party client) = Party.Connected("CURVE");
        client.Send(Sample(40));
        byte[] frame = client.Said();
        server.Feed(frame);
        Refused(server, frame, "nonce was used before");
        Assert.Single(server.Heard);
    }

    [Fact]
    public void Messages_out_of_turn_are_refused()
    {
        (Party server, Party client) = Party.Connected("CURVE");
        client.Send(Sample(40));
        byte[] first = client.Said();
        client.Send(Sample(41));
        server.Feed(client.Said());
        Refused(server, first, "nonce was used before");
    }

    [Fact]
    public void The_server_s_messages_are_held_to_the_same_rule()
    {
        (Party server, Party client) = Party.Connected("CURVE");
        server.Send(Sample(40));
        byte[] frame = server.Said();
        client.Feed(frame);
        Refused(client, frame, "nonce was used before");
    }

    [Theory]
    [InlineData(2 + 8)]
    [InlineData(2 + 16)]
    [InlineData(2 + 32)]
    [InlineData(2 + 40)]
    public void A_changed_message_is_refused(int at)
    {
        (Party server, Party client) = Party.Connected("CURVE");
        client.Send(Sample(40));
        byte[] frame = client.Said();
        frame[at] ^= 1;
        Refused(server, frame, "not sealed with the key");
        Assert.Empty(server.Heard);
    }

    [Fact]
    public void A_message_sent_back_to_its_sender_is_refused()
    {
        (_, Party client) = Party.Connected("CURVE");
        client.Send(Sample(40));
        byte[] frame = client.Said();
        BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2 + 8), 100);
        Refused(client, frame, "not sealed with the key");
    }

    [Fact]
    public void A_recorded_conversation_cannot_be_played_again_on_a_new_connection()
    {
        var cookies = new CookieKeys(() => 0);
        Party server = Party.Server("CURVE", cookies), client = Party.Client("CURVE");
        var recorded = new List<byte[]>();
        for (int turn = 0; turn < 3; turn++)
        {
            recorded.Add(client.Said());
            server.Feed(recorded[^1]);
            client.Feed(server.Said());
        }
        Assert.Equal(1, server.TimesReady);

        Party again = Party.Server("CURVE", cookies);
        again.Feed(recorded[0]);
        again.Feed(recorded[1]);
        Refused(again, recorded[2], "cookie");
        Assert.Equal(0, again.TimesReady);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(29_999, true)]
    [InlineData(31_000, true)]
    [InlineData(61_000, false)]
    [InlineData(600_000, false)]
    public void A_cookie_opens_for_half_a_minute_at_least_and_a_minute_at_most(long laterMs, bool opens)
    {
        long now = 1000;
        var cookies = new CookieKeys(() => now);
        Party server = Party.Server("CURVE", cookies), client = Party.Client("CURVE");
        server.Feed(client.Said());
        client.Feed(server.Said());
        server.Feed(client.Said());
        client.Feed(server.Said());
        now += laterMs;
        if (opens) server.Feed(client.Said());
        else Refused(server, client.Said(), "too late");
        Assert.Equal(opens ? 1 : 0, server.TimesReady);
    }

    [Fact]
    public void A_changed_initiate_is_refused_wherever_the_change_is()
    {
        for (int at = 2 + 9; at < 260; at += 13)
        {
            Party server = Party.Server("CURVE"), client = Party.Client("CURVE");
            server.Feed(client.Said());
            client.Feed(server.Said());
            server.Feed(client.Said());
            client.Feed(server.Said());
            byte[] initiate = client.Said();
            initiate[9 + at - 2] ^= 0x40;
            Refused(server, initiate, "");
            Assert.Equal(0, server.TimesReady);
        }
    }

    [Fact]
    public void A_closed_connection_has_forgotten_its_keys()
    {
        (Party server, Party client) = Party.Connected("CURVE");
        client.Send(Sample(40));
        byte[] frame = client.Said();
        server.Connection.Dispose();
        Refused(server, frame, "not sealed with the key");
    }
}
