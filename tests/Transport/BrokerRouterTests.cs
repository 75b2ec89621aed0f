using System.Net;
using System.Net.Sockets;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

public sealed class BrokerRouterTests
{
    private static readonly KeyPair Keys = KeyPair.Generate();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Messages_of_every_size_come_back_in_their_order(bool curve)
    {
        KeyPair? keys = curve ? Keys : null;
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", keys), isEcho: true);
        router.OnJoined = peer => router.Router.Admit(peer, Limits.MessageMax);
        using RawPeer peer = new RawPeer(router.Port, keys).Shake();
        int[] sizes =
            [0, 1, 222, 255, 256, 8 * 1024, 64 * 1024, 65_700, 300_000, Limits.PayloadMax, Limits.MessageMax, 3];
        foreach (int size in sizes)
        {
            peer.Send(Sample(size));
            while (peer.Messages.Count == 0) Assert.True(peer.ReadSome());
            Assert.Equal(Sample(size), peer.Messages[0]);
            peer.Messages.Clear();
        }
        foreach (int size in sizes) peer.Queue(Sample(size));
        var reading = new Thread(() =>
        {
            while (peer.Messages.Count < sizes.Length && peer.ReadSome())
            {
            }
        });
        peer.Flush();
        reading.Start();
        reading.Join();
        Assert.Equal(sizes, peer.Messages.Select(message => message.Length));
    }

    [Fact]
    public void A_peer_that_closes_has_left_as_closed()
    {
        using var router = new RunningRouter();
        RawPeer peer = new RawPeer(router.Port).Shake();
        peer.Send("last words"u8);
        peer.Dispose();
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal(LinkEnd.Closed, router.Gone.Single().End);
        Assert.Equal("last words"u8.ToArray(), router.Messages.Single());
    }

    [Fact]
    public void A_peer_that_resets_the_connection_has_left_as_broken()
    {
        using var router = new RunningRouter();
        RawPeer peer = new RawPeer(router.Port).Shake();
        router.FirstPeer();
        peer.Reset();
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal(LinkEnd.Broken, router.Gone.Single().End);
    }

    [Fact]
    public void A_peer_that_closed_while_we_write_to_it_has_still_left_as_closed_and_was_heard_to_its_end()
    {
        using var router = new RunningRouter();
        RawPeer peer = new RawPeer(router.Port).Shake();
        PeerId id = router.FirstPeer();
        router.Do(loop =>
        {
            peer.Send("last words"u8);
            peer.Dispose();
            loop.Send(id, "to nobody"u8);
            Thread.Sleep(20); // Both the end and the reset that our bytes cause are there before the loop looks.
            loop.Send(id, "to nobody"u8);
        });
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal(LinkEnd.Closed, router.Gone.Single().End);
        Assert.Equal("last words"u8.ToArray(), router.Messages.Single());
    }

    [Fact]
    public void A_dismissed_peer_gets_what_was_sent_to_it_and_is_heard_no_more()
    {
        using var router = new RunningRouter();
        using RawPeer peer = new RawPeer(router.Port).Shake();
        PeerId id = router.FirstPeer();
        byte[] large = Sample(1_000_000);
        peer.Send(Sample(8000));
        router.Do(loop =>
        {
            loop.Send(id, large);
            loop.Dismiss(id, "it was rude");
        });
        peer.Send("not heard"u8);
        while (peer.ReadSome())
        {
        }
        Assert.Equal(large, peer.Messages.Single());
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal((id, LinkEnd.Dismissed, "it was rude"), router.Gone.Single());
        Assert.DoesNotContain(router.Messages, message => message.Length == "not heard".Length);
    }

    [Fact]
    public void A_dismissed_peer_that_does_not_read_is_gone_after_a_second()
    {
        using var router = new RunningRouter();
        using RawPeer peer = new RawPeer(router.Port).Shake();
        PeerId id = router.FirstPeer();
        router.Do(loop =>
        {
            for (int i = 0; i < 15; i++) loop.Send(id, new byte[1_000_000]);
            loop.Dismiss(id, "bye");
        });
        Wait.Until(() => !router.Gone.IsEmpty, seconds: 5);
        Assert.Equal(LinkEnd.Dismissed, router.Gone.Single().End);
    }

    [Fact]
    public void A_stranger_may_send_little_and_an_admitted_peer_more()
    {
        using var router = new RunningRouter();
        using RawPeer peer = new RawPeer(router.Port).Shake();
        peer.Send(new byte[Limits.StrangerMessageMax]);
        Wait.Until(() => router.Messages.Count == 1);
        router.Do(loop => loop.Admit(router.FirstPeer(), Limits.MessageMax));
        peer.Send(new byte[Limits.MessageMax]);
        Wait.Until(() => router.Messages.Count == 2);
        using RawPeer stranger = new RawPeer(router.Port).Shake();
        stranger.Send(new byte[Limits.StrangerMessageMax + 1]);
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Contains("over the limit", router.Gone.Single().Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_peer_that_is_not_read_is_heard_from_where_it_was_when_it_is_read_again(bool curve)
    {
        KeyPair? keys = curve ? Keys : null;
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", keys));
        using RawPeer peer = new RawPeer(router.Port, keys).Shake();
        PeerId id = router.FirstPeer();
        router.OnReceived = (from, message) =>
        {
            router.Messages.Enqueue(message.ToArray());
            if (router.Messages.Count % 7 == 0) router.Router.SetReading(from, false);
        };
        for (int i = 0; i < 1000; i++) peer.Queue(BitConverter.GetBytes(i));
        peer.Flush();
        for (int heard = 7; heard < 1000; heard += 7)
        {
            Wait.Until(() => router.Messages.Count >= heard);
            router.Do(loop => Assert.Equal(heard, router.Messages.Count));
            router.Do(loop => loop.SetReading(id, true));
        }
        Wait.Until(() => router.Messages.Count == 1000);
        Assert.Equal(Enumerable.Range(0, 1000), router.Messages.Select(message => BitConverter.ToInt32(message)));
    }

    [Fact]
    public void A_peer_that_never_reads_is_closed_at_the_limit()
    {
        using var router = new RunningRouter();
        using RawPeer peer = new RawPeer(router.Port).Shake();
        PeerId id = router.FirstPeer();
        byte[] chunk = new byte[64 * 1024];
        long most = 0;
        for (int i = 0; i < 2000 && router.Gone.IsEmpty; i++)
        {
            most = Math.Max(most, router.Do(loop =>
            {
                loop.Send(id, chunk);
                return loop.Unsent(id);
            }));
        }
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal(LinkEnd.Dismissed, router.Gone.Single().End);
        Assert.Contains("does not read", router.Gone.Single().Why, StringComparison.Ordinal);
        Assert.InRange(most, Limits.PeerQueueHigh, Limits.PeerQueueMax + chunk.Length);
        Assert.Equal(0, router.Do(loop => loop.Unsent(id)));
    }

    [Fact]
    public void A_queue_that_was_high_and_empties_is_told()
    {
        using var router = new RunningRouter();
        using RawPeer peer = new RawPeer(router.Port).Shake();
        PeerId id = router.FirstPeer();
        const int count = 12;
        router.Do(loop =>
        {
            for (int i = 0; i < count; i++) loop.Send(id, new byte[1_000_000]);
            Assert.True(loop.Unsent(id) > Limits.PeerQueueHigh);
        });
        Assert.Empty(router.DrainedPeers);
        while (peer.Messages.Count < count) Assert.True(peer.ReadSome());
        Wait.Until(() => !router.DrainedPeers.IsEmpty);
        Assert.Equal(id, Assert.Single(router.DrainedPeers));
    }

    [Fact]
    public void Somebody_who_connects_and_says_nothing_is_let_go()
    {
        var settings = new RouterSettings("tcp://127.0.0.1:0", Keys) { HandshakeMax = TimeSpan.FromMilliseconds(100) };
        using var router = new RunningRouter(settings);
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Connect(IPAddress.Loopback, router.Port);
        AssertClosed(silent);
        Assert.Empty(router.Gone);
    }

    [Fact]
    public void A_handshake_a_byte_at_a_time_does_not_buy_more_time()
    {
        var settings = new RouterSettings("tcp://127.0.0.1:0", Keys) { HandshakeMax = TimeSpan.FromMilliseconds(150) };
        using var router = new RunningRouter(settings);
        using var slow = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        slow.Connect(IPAddress.Loopback, router.Port);
        byte[] greeting = new byte[64];
        TriggerFs.Transport.Zmtp.Greeting.Write(greeting, "CURVE"u8, asServer: false);
        int sent = 0;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            while (sent < 60)
            {
                slow.Send(greeting.AsSpan(sent++, 1));
                Thread.Sleep(10);
            }
        }
        catch (SocketException)
        {
            // The router did not wait for the rest.
        }
        Assert.True(sent < 60, $"after {clock.ElapsedMilliseconds} ms it was still listened to");
    }

    [Fact]
    public void Random_bytes_are_refused_and_the_others_are_served()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys), isEcho: true);
        using RawPeer good = new RawPeer(router.Port, Keys).Shake();
        var random = new Random(5);
        for (int i = 0; i < 20; i++)
        {
            using var bad = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            bad.Connect(IPAddress.Loopback, router.Port);
            byte[] rubbish = new byte[random.Next(1, 5000)];
            random.NextBytes(rubbish);
            rubbish[0] = 0;
            bad.Send(rubbish);
            AssertClosed(bad);
        }
        good.Send("still there?"u8);
        while (good.Messages.Count == 0) Assert.True(good.ReadSome());
        Assert.Empty(router.Gone);
    }

    [Fact]
    public void Unfinished_handshakes_of_one_address_are_limited()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys) { HalfOpenPerAddressMax = 5 });
        var open = new List<Socket>();
        for (int i = 0; i < 6; i++)
        {
            open.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            open[^1].Connect(IPAddress.Loopback, router.Port);
        }
        AssertClosed(open[^1], sayNothing: true);
        open[0].Dispose();
        Wait.Until(() => TryShake(router.Port));
        open.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public void Over_the_limit_of_connections_new_ones_wait_for_their_turn()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", null) { ConnectionsMax = 2 });
        RawPeer first = new RawPeer(router.Port).Shake();
        using RawPeer second = new RawPeer(router.Port).Shake();
        using var third = new RawPeer(router.Port);
        var shaking = new Thread(() => third.Shake());
        shaking.Start();
        Assert.False(shaking.Join(300));
        first.Dispose();
        Assert.True(shaking.Join(10_000));
    }

    [Fact]
    public void A_handler_that_throws_costs_nobody_the_connection()
    {
        using var router = new RunningRouter();
        router.OnReceived = (_, message) =>
        {
            if (message[0] == 'x') throw new InvalidOperationException("a bug");
            router.Messages.Enqueue(message.ToArray());
        };
        using RawPeer peer = new RawPeer(router.Port).Shake();
        peer.Queue("x"u8);
        peer.Queue("y"u8);
        peer.Flush();
        Wait.Until(() => router.Messages.Count == 1);
        Assert.Empty(router.Gone);
    }

    [Fact]
    public void Two_peers_that_have_much_to_say_get_the_same_share()
    {
        using var router = new RunningRouter();
        int[] heard = new int[2];
        int[]? atFirstEnd = null;
        RawPeer[] peers = [new RawPeer(router.Port).Shake(), new RawPeer(router.Port).Shake()];
        Wait.Until(() => router.Peers.Count == 2);
        router.Do(_ =>
        {
            // On the loop's thread: it reads nothing before both have said all that the kernel takes.
            int[] said = [.. peers.Select((peer, number) => SayMuch(peer, (byte)number))];
            router.OnReceived = (_, message) =>
            {
                byte from = message[0];
                if (++heard[from] == said[from]) atFirstEnd ??= [.. heard.Zip(said, (one, all) => 100 * one / all)];
            };
        });
        Wait.Until(() => atFirstEnd is not null);
        foreach (RawPeer peer in peers) peer.Dispose();
        Assert.InRange(atFirstEnd!.Min(), 20, 100); // Percent of what it said: some hundred KiB are read at a time.
    }

    [Fact]
    public void All_are_written_to_who_have_much_under_way_however_many_they_are()
    {
        using var router = new RunningRouter();
        RawPeer[] peers = [.. Enumerable.Range(0, 40).Select(_ => new RawPeer(router.Port).Shake())];
        Wait.Until(() => router.Peers.Count == peers.Length);
        router.Do(port =>
        {
            foreach (PeerId peer in router.Peers) port.Send(peer, "news"u8, underWay: 100);
        });
        foreach (RawPeer peer in peers)
        {
            while (peer.Messages.Count == 0) Assert.True(peer.ReadSome());
            peer.Dispose();
        }
    }

    [Fact]
    public void A_small_message_is_not_kept_waiting_by_another_s_large_ones()
    {
        using var router = new RunningRouter();
        router.OnJoined = peer => router.Router.Admit(peer, Limits.MessageMax);
        router.OnReceived = (from, message) =>
        {
            if (message.Length < 100) router.Router.Send(from, message);
        };
        RawPeer flood = new RawPeer(router.Port).Shake();
        using RawPeer small = new RawPeer(router.Port).Shake();
        byte[] large = new byte[1_000_000];
        var flooding = new Thread(() => SendUntilClosed(flood, large));
        flooding.Start();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 1; i <= 100; i++)
        {
            small.Send("ping"u8);
            while (small.Messages.Count < i) Assert.True(small.ReadSome());
        }
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"100 round trips took {clock.Elapsed}");
        flood.Reset();
        flooding.Join();
    }

    [Fact]
    public void Who_is_connected_is_served_while_handshakes_pour_in()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys), isEcho: true);
        using RawPeer peer = new RawPeer(router.Port, Keys).Shake();
        byte[] opening = Opening();
        var flood = new List<Socket>();
        for (int i = 0; i < 400; i++)
        {
            flood.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            flood[^1].Connect(IPAddress.Loopback, router.Port);
        }
        foreach (Socket socket in flood) socket.Send(opening); // About a fifth of a second of X25519 altogether.
        var trips = new List<TimeSpan>();
        for (int i = 1; i <= 20; i++)
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            peer.Send("ping"u8);
            while (peer.Messages.Count < i) Assert.True(peer.ReadSome());
            trips.Add(clock.Elapsed);
        }
        trips.Sort();
        Assert.True(trips[10] < TimeSpan.FromMilliseconds(50), $"half of the round trips took {trips[10]} and more");
        foreach (Socket socket in flood) Assert.Equal(64, socket.Receive(new byte[64]));
        flood.ForEach(socket => socket.Dispose());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_allocates_nothing_once_the_memory_is_there(bool curve)
    {
        KeyPair? keys = curve ? Keys : null;
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", keys));
        long before = 0, after = 0;
        int count = 0;
        router.OnReceived = (from, message) =>
        {
            count++;
            if (count == 1000) before = GC.GetAllocatedBytesForCurrentThread();
            if (count == 5000) after = GC.GetAllocatedBytesForCurrentThread();
            router.Router.Send(from, message[..2], message[2..]);
        };
        using RawPeer peer = new RawPeer(router.Port, keys).Shake();
        byte[] sample = Sample(100);
        for (int i = 1; i <= 50; i++)
        {
            for (int j = 0; j < 100; j++) peer.Queue(sample);
            peer.Flush();
            while (peer.Messages.Count < 100 * i) Assert.True(peer.ReadSome());
        }
        Assert.Equal(5000, count);
        Assert.Equal(0, after - before);
    }

    [Fact]
    public void It_ticks_whether_or_not_anything_happens()
    {
        using var router = new RunningRouter();
        Wait.Until(() => router.Ticks >= 3);
    }

    [Fact]
    public void What_was_sent_before_the_stop_arrives()
    {
        RawPeer peer;
        using (var router = new RunningRouter())
        {
            peer = new RawPeer(router.Port).Shake();
            PeerId id = router.FirstPeer();
            router.Do(loop =>
            {
                loop.Send(id, Sample(500_000));
                loop.Stop();
            });
            while (peer.ReadSome())
            {
            }
            Assert.Equal(500_000, peer.Messages.Single().Length);
            peer.Dispose();
        }
    }

    [Fact]
    public void The_port_is_free_again_at_once()
    {
        string address;
        using (var router = new RunningRouter())
        {
            address = router.Router.Address;
            using RawPeer peer = new RawPeer(router.Port).Shake();
        }
        using var again = new RunningRouter(new(address, null));
        Assert.Equal(address, again.Router.Address);
    }

    [Fact]
    public void A_port_in_use_is_reported_with_what_to_do()
    {
        using var router = new RunningRouter();
        var problem = Assert.Throws<TriggerException>(() => new BrokerRouter(new(router.Router.Address, null)));
        Assert.Contains("in use", problem.Why, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(problem.Fix);
    }

    [Theory]
    [InlineData("127.0.0.1:5555")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tcp://:5555")]
    [InlineData("tcp://127.0.0.1:70000")]
    [InlineData("tcp://127.0.0.1:-1")]
    [InlineData("tcp://::1:5555")]
    [InlineData("udp://127.0.0.1:5555")]
    public void An_address_that_is_none_is_refused(string listen)
    {
        var problem = Assert.Throws<TriggerException>(() => new BrokerRouter(new(listen, null)));
        Assert.Equal(ErrorCode.Settings, problem.Code);
    }

    [Theory]
    [InlineData("tcp://*:0")]
    [InlineData("tcp://0.0.0.0:0")]
    [InlineData("tcp://localhost:0")]
    public void It_listens_where_it_is_told_to(string listen)
    {
        using var router = new RunningRouter(new(listen, null));
        using RawPeer peer = new RawPeer(router.Port).Shake();
        Assert.StartsWith(listen[..^1], router.Router.Address, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_a_peer_that_has_left_finds_nobody()
    {
        using var router = new RunningRouter();
        RawPeer first = new RawPeer(router.Port).Shake();
        PeerId gone = router.FirstPeer();
        first.Dispose();
        Wait.Until(() => !router.Gone.IsEmpty);
        using RawPeer second = new RawPeer(router.Port).Shake();
        Wait.Until(() => router.Peers.Count == 2);
        router.Do(loop =>
        {
            loop.Send(gone, "for the first"u8);
            loop.Send(router.Peers.Last(), "for the second"u8);
            loop.Dismiss(gone, "again");
        });
        while (second.Messages.Count == 0) Assert.True(second.ReadSome());
        Assert.Equal("for the second"u8.ToArray(), second.Messages.Single());
        Assert.Single(router.Gone);
    }

    /// <summary>A greeting and a HELLO, which anybody can record and send as often as he likes.</summary>
    private static byte[] Opening()
    {
        Zmtp.Party client = Zmtp.Party.Client("CURVE", Keys.Public.ToArray()), server = Zmtp.Party.Server("CURVE");
        byte[] greeting = client.Said();
        client.Feed(server.Said());
        return [.. greeting, .. client.Said()];
    }

    private static bool TryShake(int port)
    {
        try
        {
            using RawPeer peer = new RawPeer(port, Keys).Shake();
            return true;
        }
        catch (Exception problem) when (problem is SocketException or Xunit.Sdk.TrueException)
        {
            return false;
        }
    }

    /// <summary>Sends until nothing more is taken; how many messages went out as a whole.</summary>
    private static int SayMuch(RawPeer peer, byte number)
    {
        const int batch = 64;
        for (int i = 0; i < batch; i++) peer.Queue([number, .. new byte[500]]);
        byte[] messages = peer.Said();
        peer.Socket.SendBufferSize = 1024 * 1024;
        peer.Socket.Blocking = false;
        long bytes = 0;
        SocketError error = SocketError.Success;
        while (error == SocketError.Success)
        {
            int from = (int)(bytes % messages.Length);
            bytes += peer.Socket.Send(messages.AsSpan(from), SocketFlags.None, out error);
        }
        Assert.Equal(SocketError.WouldBlock, error);
        return (int)(bytes * batch / messages.Length);
    }

    private static void SendUntilClosed(RawPeer peer, byte[] message)
    {
        try
        {
            while (true) peer.Send(message);
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static void AssertClosed(Socket socket, bool sayNothing = false)
    {
        socket.ReceiveTimeout = 20_000;
        byte[] buffer = new byte[1000];
        try
        {
            int got;
            while ((got = socket.Receive(buffer)) > 0) Assert.False(sayNothing);
        }
        catch (SocketException problem)
        {
            Assert.Equal(SocketError.ConnectionReset, problem.SocketErrorCode);
        }
    }

    private static byte[] Sample(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
