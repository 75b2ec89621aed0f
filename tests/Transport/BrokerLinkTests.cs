using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

public sealed class BrokerLinkTests
{
    private static readonly KeyPair Keys = KeyPair.Generate();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_says_hello_is_accepted_and_talks(bool curve)
    {
        KeyPair? keys = curve ? Keys : null;
        using RunningRouter router = RunningRouter.Accepting(keys);
        using RunningLink link = new RunningLink(router, keys).WaitUp();
        Hello hello = Hello.Read(router.Messages.First());
        Assert.Equal(RunningLink.Hello with { Link = hello.Link }, hello);
        Assert.NotEqual(0ul, hello.Link);

        byte[] done = RunningRouter.Written(new Done(new(7), "fine").Write);
        Assert.True(link.Link.Send(done.AsSpan(0, 3), done.AsSpan(3)));
        Wait.Until(() => router.Messages.Count == 2);
        Assert.Equal(done, router.Messages.Last());
        router.Do(loop => loop.Send(router.FirstPeer(), done));
        Wait.Until(() => link.Messages.Count == 1);
        Assert.Equal(done, link.Messages.Single());
    }

    [Fact]
    public void Messages_of_another_thread_arrive_in_their_order()
    {
        using RunningRouter router = RunningRouter.Accepting(Keys);
        using RunningLink link = new RunningLink(router, Keys).WaitUp();
        for (ulong i = 0; i < 10_000; i++)
            Assert.True(link.Link.Send(RunningRouter.Written(new Done(new(i), "").Write)));
        Wait.Until(() => router.Messages.Count == 10_001);
        Assert.Equal(Enumerable.Range(0, 10_000),
            router.Messages.Skip(1).Select(message => (int)Done.Read(message).Id.Value));
    }

    [Fact]
    public void What_another_thread_sent_before_it_posted_goes_before_what_the_action_sends()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using RunningLink link = new RunningLink(router).WaitUp();
        for (ulong i = 0; i < 500; i++)
        {
            ulong number = i;
            link.Link.Send(RunningRouter.Written(new Done(new(2 * number), "").Write));
            link.Link.Post(() => link.Link.Send(RunningRouter.Written(new Done(new((2 * number) + 1), "").Write)));
        }
        Wait.Until(() => router.Messages.Count == 1001);
        List<int> heard = [.. router.Messages.Skip(1).Select(message => (int)Done.Read(message).Id.Value)];
        for (int i = 0; i < 1000; i += 2) Assert.True(heard.IndexOf(i) < heard.IndexOf(i + 1));
    }

    [Fact]
    public void What_was_sent_before_a_post_is_in_the_kernel_s_hands_when_the_action_runs()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using RunningLink link = new RunningLink(router).WaitUp();
        long? before = null, after = null;
        link.Link.Post(() =>
        {
            link.Link.Send(RunningRouter.Written(new Done(new(1), "").Write));
            before = link.Link.Unsent;
            link.Link.Post(() => after = link.Link.Unsent);
        });
        Wait.Until(() => after is not null);
        Assert.True(before > 0);
        Assert.Equal(0, after);
    }

    [Fact]
    public void Sending_while_it_is_down_is_refused()
    {
        using var link = new RunningLink(new LinkSettings("tcp://127.0.0.1:1", null, () => RunningLink.Hello));
        Assert.False(link.Link.Send("x"u8));
        Wait.Until(() => link.Downs.Count >= 2);
        Assert.Contains("refused", link.Downs.First().Why, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, link.Link.Unsent);
    }

    [Fact]
    public void Pauses_between_attempts_double_up_to_their_limit()
    {
        var backOff = new BackOff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));
        double[] pauses = [.. Enumerable.Range(0, 12).Select(_ => backOff.Next().TotalMilliseconds)];
        for (int i = 0; i < 5; i++) Assert.InRange(pauses[i], 75 << i, 125 << i);
        Assert.All(pauses[5..], pause => Assert.InRange(pause, 2250, 3000));
        backOff.Reset();
        Assert.InRange(backOff.Next().TotalMilliseconds, 75, 125);
    }

    [Fact]
    public void It_comes_back_when_the_broker_does()
    {
        RunningRouter router = RunningRouter.Accepting(Keys);
        string address = router.Router.Address;
        using RunningLink link = new RunningLink(router, Keys).WaitUp();
        for (int round = 2; round < 5; round++)
        {
            router.Dispose();
            Wait.Until(() => !link.IsUp);
            Assert.False(link.Link.Send("x"u8));
            router = RunningRouter.Accepting(Keys, listen: address);
            link.WaitUp(round);
        }
        router.Dispose();
    }

    [Fact]
    public void A_goodbye_of_the_broker_says_why_the_link_is_down()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using RunningLink link = new RunningLink(router).WaitUp();
        byte[] goodbye = RunningRouter.Written(new Goodbye("it is\nshutting down").Write);
        router.Do(loop => loop.Send(router.FirstPeer(), goodbye));
        link.WaitUp(2);
        Assert.Equal("it is?shutting down", link.Downs.Single().Why);
        Assert.InRange(link.Downs.Single().RetryIn.TotalMilliseconds, 50, 150);
    }

    [Fact]
    public void Another_pinned_key_is_named_as_the_likely_reason()
    {
        using RunningRouter router = RunningRouter.Accepting(Keys);
        using var link = new RunningLink(router, KeyPair.Generate());
        Wait.Until(() => !link.Downs.IsEmpty);
        Assert.StartsWith("the broker did not prove the pinned key (wrong brokerkey?)", link.Downs.First().Why,
            StringComparison.Ordinal);
        Assert.Equal(0, link.Ups);
    }

    [Fact]
    public void A_broker_without_encryption_is_not_talked_to_when_a_key_is_pinned()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using var link = new RunningLink(router, Keys);
        Wait.Until(() => !link.Downs.IsEmpty);
        Assert.Contains("mechanism NULL", link.Downs.First().Why, StringComparison.Ordinal);
        Assert.Empty(router.Messages);
    }

    [Theory]
    [InlineData(nameof(ErrorCode.Unauthenticated), false)]
    [InlineData(nameof(ErrorCode.NotAllowed), false)]
    [InlineData(nameof(ErrorCode.Protocol), false)]
    [InlineData(nameof(ErrorCode.Busy), true)]
    [InlineData(nameof(ErrorCode.Internal), true)]
    [InlineData(nameof(ErrorCode.Storage), true)]
    public void A_refusal_ends_the_link_unless_time_can_mend_it(string name, bool retrying)
    {
        ErrorCode code = Enum.Parse<ErrorCode>(name);
        using RunningRouter router = new();
        int hellos = 0;
        router.OnReceived = (peer, message) =>
        {
            if ((MessageKind)message[0] != MessageKind.Hello) return;
            hellos++;
            router.Router.Send(peer, RunningRouter.Written(new Refused(default, code, "no", "why", "fix").Write));
            router.Router.Dismiss(peer, "refused");
        };
        using var link = new RunningLink(router);
        Wait.Until(() => link.Refusals.Count >= (retrying ? 2 : 1));
        Assert.Equal((new Refused(default, code, "no", "why", "fix"), retrying), link.Refusals.First());
        if (retrying) return;
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal((1, 1, 0), (hellos, link.Attempts, link.Downs.Count));
    }

    [Fact]
    public void A_session_that_is_refused_later_is_over()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using RunningLink link = new RunningLink(router).WaitUp();
        Refused other = new(new(5), ErrorCode.NoWorker, "none", "", "");
        Refused session = new(default, ErrorCode.Unauthenticated, "disabled", "", "");
        router.Do(loop =>
        {
            loop.Send(router.FirstPeer(), RunningRouter.Written(other.Write));
            loop.Send(router.FirstPeer(), RunningRouter.Written(session.Write));
        });
        Wait.Until(() => !link.Refusals.IsEmpty);
        Assert.Equal(other, Refused.Read(link.Messages.Single()));
        Assert.Equal((session, false), link.Refusals.Single());
        Assert.False(link.Link.Send("x"u8));
    }

    [Fact]
    public void Heartbeats_go_both_ways_and_keep_a_quiet_link_up()
    {
        using RunningRouter router = RunningRouter.Accepting(heartbeatMs: 100,
            then: static (_, _) => { });
        router.OnJoined = peer => router.Router.Loop.Every(TimeSpan.FromMilliseconds(100),
            () => router.Router.Send(peer, [(byte)MessageKind.Heartbeat, 1]));
        using RunningLink link = new RunningLink(router).WaitUp();
        Wait.Until(() => link.Heartbeats >= 8);
        Wait.Until(() => router.Messages.Count(message => message[0] == (byte)MessageKind.Heartbeat) >= 8);
        Assert.Equal(1, link.Ups);
        Assert.Empty(link.Messages);
    }

    [Fact]
    public void A_broker_that_falls_silent_is_left_and_tried_again()
    {
        using RunningRouter router = RunningRouter.Accepting(heartbeatMs: 60);
        using RunningLink link = new RunningLink(router).WaitUp();
        link.WaitUp(2);
        Assert.Contains("silent", link.Downs.First().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_that_does_not_answer_hello_is_left()
    {
        using var router = new RunningRouter();
        using var link = new RunningLink(new LinkSettings(router.Router.Address, null, () => RunningLink.Hello)
        {
            HandshakeMax = TimeSpan.FromMilliseconds(100),
        });
        Wait.Until(() => !link.Downs.IsEmpty);
        Assert.Equal("the broker did not answer Hello", link.Downs.First().Why);
    }

    [Fact]
    public void A_port_that_accepts_and_says_nothing_is_left()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        using var link = new RunningLink(
            new LinkSettings($"tcp://{silent.LocalEndpoint}", Keys.Public.ToArray(), () => RunningLink.Hello)
            {
                HandshakeMax = TimeSpan.FromMilliseconds(100),
            });
        Wait.Until(() => !link.Downs.IsEmpty);
        Assert.Contains("too long", link.Downs.First().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_without_an_answer_gets_a_rival_and_the_first_that_is_ready_ends_the_others()
    {
        using RunningRouter router = RunningRouter.Accepting(Keys);
        using var front = new DeafFront(router.Port, deaf: 2);
        using var link = new RunningLink(new LinkSettings(front.Address, Keys.Public.ToArray(), () => RunningLink.Hello)
        {
            RivalAfter = TimeSpan.FromMilliseconds(100),
            HandshakeMax = TimeSpan.FromMinutes(10),
        });
        link.WaitUp();
        Wait.Until(() => front.DeafEnds == 2);
        Assert.Equal(1, link.Attempts);
        Assert.Empty(link.Downs);
        Assert.Equal(1, router.Messages.Count(message => message[0] == (byte)MessageKind.Hello));
    }

    [Fact]
    public void Every_address_of_a_name_is_tried()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using var link = new RunningLink(
            new LinkSettings($"tcp://localhost:{router.Port}", null, () => RunningLink.Hello));
        link.WaitUp();
    }

    [Fact]
    public void A_name_that_nobody_knows_is_a_reason_to_try_again()
    {
        using var link = new RunningLink(
            new LinkSettings("tcp://no-such-host.invalid:5555", null, () => RunningLink.Hello));
        Wait.Until(() => !link.Downs.IsEmpty);
        Assert.Contains("no-such-host.invalid", link.Downs.First().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hello_that_cannot_be_made_is_a_reason_to_try_again()
    {
        using RunningRouter router = RunningRouter.Accepting();
        int calls = 0;
        using var link = new RunningLink(new LinkSettings(router.Router.Address, null,
            () => ++calls == 1 ? throw new InvalidOperationException("no secret yet") : RunningLink.Hello));
        link.WaitUp();
        Assert.Contains("no secret yet", link.Downs.Single().Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaving_says_goodbye_after_all_that_was_sent()
    {
        using RunningRouter router = RunningRouter.Accepting(Keys);
        using RunningLink link = new RunningLink(router, Keys).WaitUp();
        byte[] large = RunningRouter.Written(new Done(new(1), new string('x', 30_000)).Write);
        for (int i = 0; i < 50; i++) Assert.True(link.Link.Send(large));
        await link.Link.LeaveAsync("done for today").WaitAsync(TimeSpan.FromSeconds(10));
        Wait.Until(() => !router.Gone.IsEmpty);
        Assert.Equal(52, router.Messages.Count);
        Assert.Equal("done for today", Goodbye.Read(router.Messages.Last()).Reason);
        Assert.Equal(LinkEnd.Closed, router.Gone.Single().End);
        Assert.False(link.Link.Send("x"u8));
        Assert.Empty(link.Downs);
    }

    [Fact]
    public async Task A_link_that_never_started_or_never_connected_can_be_left_and_disposed()
    {
        var unused = new BrokerLink(new("tcp://127.0.0.1:1", null, () => RunningLink.Hello));
        await unused.LeaveAsync("never mind");
        await unused.DisposeAsync();
        await unused.DisposeAsync();
        var waiting = new RunningLink(new LinkSettings("tcp://127.0.0.1:1", null, () => RunningLink.Hello));
        await waiting.Link.LeaveAsync("never mind");
        await waiting.Link.DisposeAsync();
    }

    [Fact]
    public void A_message_of_an_unknown_kind_is_skipped()
    {
        using RunningRouter router = RunningRouter.Accepting();
        using RunningLink link = new RunningLink(router).WaitUp();
        router.Do(loop =>
        {
            loop.Send(router.FirstPeer(), [200, 1]);
            loop.Send(router.FirstPeer(), [1]);
            loop.Send(router.FirstPeer(), RunningRouter.Written(new Done(new(1), "").Write));
        });
        Wait.Until(() => link.Messages.Count == 1);
        Assert.Equal(1, link.Ups);
    }
}
