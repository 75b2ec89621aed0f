using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.EndToEnd.Attack;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

/// <summary>Messages of which a part has come: of a slow line, or because a length was changed on the way.</summary>
public sealed class PartTests
{
    private static readonly KeyPair Keys = KeyPair.Generate();
    private static readonly byte[] Beat = [(byte)MessageKind.Heartbeat, 1];

    [Fact]
    public void A_peer_whose_length_was_changed_is_let_go_with_its_next_message()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys));
        using RawPeer peer = new RawPeer(router.Port, Keys).Shake();
        peer.Queue(new byte[1000]);
        byte[] frame = peer.Said();
        frame[7] += 16;
        peer.Socket.Send(frame);
        peer.Send(Beat);
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal(LinkEnd.Dismissed, router.Gone.Single().End);
        Assert.Contains("a length was changed", router.Gone.Single().Why, StringComparison.Ordinal);
        Assert.Empty(router.Messages);
    }

    [Fact]
    public void More_of_a_message_is_a_sign_of_life_and_the_message_is_heard_when_it_is_whole()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys));
        router.OnJoined = id => router.Router.Admit(id, Limits.MessageMax);
        using RawPeer peer = new RawPeer(router.Port, Keys).Shake();
        byte[] message = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        peer.Queue(message);
        byte[] frame = peer.Said();
        int sent = 0;
        for (int times = 1; times <= 2; times++)
        {
            sent += peer.Socket.Send(frame.AsSpan(sent, 30_000));
            Wait.Until(() => router.Arrivals == times);
        }
        Assert.Empty(router.Messages);
        peer.Socket.Send(frame.AsSpan(sent));
        Wait.Until(() => !router.Messages.IsEmpty);
        Assert.Equal(message, router.Messages.Single());
    }

    [Fact]
    public void A_link_says_that_it_lives_while_it_waits_to_be_accepted()
    {
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys));
        using var link = new RunningLink(router, Keys);
        Wait.Until(() => router.Messages.Count >= 3);
        Assert.Equal([MessageKind.Hello, MessageKind.Heartbeat, MessageKind.Heartbeat],
            router.Messages.Take(3).Select(message => (MessageKind)message[0]));
    }

    [Fact]
    public void A_broker_whose_message_comes_slowly_is_not_silent()
    {
        const int heartbeatMs = 1000, silenceMs = heartbeatMs * Limits.HeartbeatsMissedMax;
        byte[] message = [(byte)MessageKind.Output, 1, .. new byte[30_000]];
        using RunningRouter router = RunningRouter.Accepting(Keys, heartbeatMs);
        using var line = new FaultyProxy(router.Port, seed: 1)
        {
            BytesPerSecond = message.Length * 1000 / (silenceMs * 3 / 2),
        };
        using RunningLink link = new RunningLink(
            new LinkSettings(line.Address, Keys.Public.ToArray(), () => RunningLink.Hello)).WaitUp();
        router.Do(loop => loop.Send(router.FirstPeer(), message));
        Wait.Until(() => !link.Messages.IsEmpty);
        Assert.Equal(message, link.Messages.Single());
        Assert.Equal(1, link.Ups);
    }
}
