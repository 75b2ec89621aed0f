using NetMQ;
using NetMQ.Sockets;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport.Interop;

/// <summary>Our engine against NetMQ, an implementation by others, in both roles and with both mechanisms.</summary>
public sealed class NetMqTests
{
    private static readonly KeyPair Keys = KeyPair.Generate();
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_NetMQ_dealer_talks_to_our_router(bool curve)
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", curve ? Keys : null), isEcho: true);
        router.OnJoined = peer => router.Router.Admit(peer, Limits.MessageMax);
        using var dealer = new DealerSocket();
        dealer.Options.Linger = TimeSpan.Zero;
        if (curve)
        {
            dealer.Options.CurveServerKey = Keys.Public.ToArray();
            dealer.Options.CurveCertificate = new NetMQCertificate();
        }
        dealer.Connect(router.Router.Address);
        foreach (int size in new[] { 0, 1, 100, 256, 1000, 64 * 1024, 1024 * 1024 })
        {
            byte[] message = Sample(size);
            Assert.True(dealer.TrySendFrame(Patience, message));
            Assert.True(dealer.TryReceiveFrameBytes(Patience, out byte[]? answer, out bool more));
            Assert.Equal(message, answer);
            Assert.False(more);
        }
        InOrder(i => Assert.True(dealer.TrySendFrame(Patience, BitConverter.GetBytes(i))), () =>
        {
            Assert.True(dealer.TryReceiveFrameBytes(Patience, out byte[]? answer));
            return BitConverter.ToInt32(answer!);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Our_link_talks_to_a_NetMQ_router(bool curve)
    {
        using var router = new RouterSocket();
        router.Options.Linger = TimeSpan.Zero;
        var certificate = new NetMQCertificate();
        if (curve)
        {
            router.Options.CurveServer = true;
            router.Options.CurveCertificate = certificate;
        }
        int port = router.BindRandomPort("tcp://127.0.0.1");
        using var link = new RunningLink(
            new LinkSettings($"tcp://127.0.0.1:{port}", curve ? certificate.PublicKey : null, () => RunningLink.Hello));

        (byte[] peer, byte[] hello) = Receive(router);
        Assert.Equal(RunningLink.Hello with { Link = link.Link.Number }, Hello.Read(hello));
        Send(router, peer, RunningRouter.Written(new Accepted(new(1), false, "t", "i", "j", 2500, 0, "NetMQ").Write));
        link.WaitUp();

        foreach (int size in new[] { 0, 300, 30_000 })
        {
            byte[] message = RunningRouter.Written(new Done(new(9), new string('x', size)).Write);
            Assert.True(link.Link.Send(message));
            Assert.Equal(message, Receive(router).Message);
            Send(router, peer, message);
            Wait.Until(() => link.Messages.Count == 1);
            Assert.True(link.Messages.TryDequeue(out byte[]? heard));
            Assert.Equal(message, heard);
        }
        byte[] large = [(byte)MessageKind.Done, 1, .. Sample(1024 * 1024)];
        Assert.True(link.Link.Send(large));
        Assert.Equal(large, Receive(router).Message);
        Send(router, peer, large);
        Wait.Until(() => link.Messages.Count == 1);
        Assert.Equal(large, link.Messages.Single());
        InOrder(i => Assert.True(link.Link.Send(RunningRouter.Written(new Done(new((ulong)i), "").Write))),
            () => (int)Done.Read(Receive(router).Message).Id.Value);
    }

    [Fact]
    public void A_NetMQ_dealer_with_another_server_key_is_not_let_in()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys), isEcho: true);
        using var dealer = new DealerSocket();
        dealer.Options.Linger = TimeSpan.Zero;
        dealer.Options.CurveServerKey = KeyPair.Generate().Public.ToArray();
        dealer.Options.CurveCertificate = new NetMQCertificate();
        dealer.Connect(router.Router.Address);
        dealer.TrySendFrame("hello"u8.ToArray());
        Assert.False(dealer.TryReceiveFrameBytes(TimeSpan.FromMilliseconds(300), out _));
        Assert.Empty(router.Peers);
    }

    [Fact]
    public void A_NetMQ_dealer_that_sends_several_frames_is_closed_with_the_reason()
    {
        using var router = new RunningRouter();
        using var dealer = new DealerSocket();
        dealer.Options.Linger = TimeSpan.Zero;
        dealer.Connect(router.Router.Address);
        dealer.SendMoreFrameEmpty().SendFrame("as REQ does");
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Contains("several frames", router.Gone.First().Why, StringComparison.Ordinal);
        Assert.Empty(router.Messages);
    }

    [Fact]
    public void A_NetMQ_heartbeat_is_answered()
    {
        using var router = new RunningRouter();
        using var tap = new Wiretap(router.Port);
        using (var dealer = new DealerSocket())
        {
            dealer.Options.Linger = TimeSpan.Zero;
            dealer.Options.HeartbeatInterval = TimeSpan.FromMilliseconds(50);
            dealer.Options.HeartbeatTimeout = TimeSpan.FromSeconds(30);
            dealer.Connect(tap.Address);
            Wait.Until(() => tap.ToPeer("\x04PONG"u8) >= 5, "no PONG comes back");
            Assert.True(tap.FromPeer("\x04PING"u8) >= tap.ToPeer("\x04PONG"u8));
            Assert.Empty(router.Gone);
        }
        Assert.Single(router.Peers);
    }

    internal static void InOrder(Action<int> send, Func<int> receive)
    {
        const int count = 10_000;
        const int window = 500;
        int sent = 0;
        for (int received = 0; received < count; received++)
        {
            while (sent < count && sent - received < window) send(sent++);
            Assert.Equal(received, receive());
        }
    }

    private static (byte[] Peer, byte[] Message) Receive(RouterSocket router)
    {
        Assert.True(router.TryReceiveFrameBytes(Patience, out byte[]? peer));
        while (true)
        {
            byte[] message = router.ReceiveFrameBytes();
            if (message.Length < 1 || message[0] != (byte)MessageKind.Heartbeat) return (peer!, message);
            Assert.True(router.TryReceiveFrameBytes(Patience, out peer));
        }
    }

    private static void Send(RouterSocket router, byte[] peer, byte[] message) =>
        router.SendMoreFrame(peer).SendFrame(message);

    private static byte[] Sample(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
