using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

public sealed class SessionTests
{
    [Fact]
    public void A_right_proof_is_accepted_and_more_may_be_sent_from_then_on()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        Assert.Equal(("team1", "hp", 2500u), (user.Welcome.Team, user.Welcome.Identity, user.Welcome.HeartbeatMs));
        Assert.False(user.Welcome.Resumed);
        Assert.Equal(Limits.MessageMax, scene.World.Admitted[user.Id]);
    }

    [Fact]
    public void A_wrong_proof_is_refused_and_the_peer_dismissed()
    {
        var scene = new Scene();
        TestPeer peer = scene.Join().SignIn(new(PeerRole.Client, "team1", "hp", ProofKind.Secret, "wrong", "test"));
        Assert.Equal(ErrorCode.Unauthenticated, Assert.Single(peer.Read()).Refused!.Code);
        Assert.True(peer.IsDismissed);
        Assert.DoesNotContain(peer.Id, scene.World.Admitted.Keys);
    }

    [Fact]
    public void A_peer_that_says_nothing_is_dismissed_after_a_while()
    {
        var scene = new Scene();
        TestPeer peer = scene.Join();
        scene.Pass(10_000);
        Assert.False(peer.IsDismissed);
        scene.Pass(100);
        Assert.Equal(ErrorCode.Protocol, Assert.Single(peer.Read()).Refused!.Code);
        Assert.True(peer.IsDismissed);
    }

    [Fact]
    public void No_verb_works_without_a_session()
    {
        var scene = new Scene();
        scene.Worker("demo01");
        TestPeer peer = scene.Join();
        peer.Request(1, "dc1");
        Heard refused = Assert.Single(peer.Read());
        Assert.Equal(ErrorCode.Protocol, refused.Refused!.Code);
        Assert.True(peer.IsDismissed);
    }

    [Fact]
    public void A_peer_whose_proof_is_being_checked_may_only_wait()
    {
        var scene = new Scene();
        TestPeer peer = scene.Join();
        peer.Send(new Hello(PeerRole.Client, "team1", "hp", ProofKind.Secret, "right", "test").Write);
        peer.Send(Heartbeat.Write);
        Assert.False(peer.IsDismissed);
        peer.Request(1, "dc1");
        Assert.True(peer.IsDismissed);
        scene.Settle();
        Assert.DoesNotContain(peer.Read(), heard => heard.Kind == MessageKind.Accepted);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_peer_that_leaves_while_its_proof_is_checked_is_forgotten()
    {
        var scene = new Scene();
        TestPeer peer = scene.Join();
        peer.Send(new Hello(PeerRole.Worker, "team1", "demo01", ProofKind.Token, "right", "test").Write);
        scene.Leave(peer, LinkEnd.Closed);
        scene.Settle();
        Assert.Empty(peer.Read());
        Tidy.Check(scene);
    }

    public static TheoryData<byte[]> Broken => new()
    {
        Array.Empty<byte>(),
        new byte[] { 6 },
        new byte[] { 6, 9, 0 },
        new byte[] { 99, 1 },
        new byte[] { 0, 1 },
        new byte[] { 6, 1, 0, 0 },
        new byte[] { 10, 1, 0, 0, 0, 0, 0, 0, 0, 1, 255, 255 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_malformed_message_is_answered_with_the_place_and_its_sender_dismissed(byte[] message)
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        TestPeer other = scene.User("alice");
        user.SendRaw(message);
        Refused refused = Assert.Single(user.Read()).Refused!;
        Assert.Equal((0ul, ErrorCode.Protocol), (refused.Id.Value, refused.Code));
        Assert.NotEmpty(refused.Why);
        Assert.True(user.IsDismissed);
        Assert.False(other.IsDismissed);
    }

    [Fact]
    public void Nothing_that_a_dismissed_peer_says_counts()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.SendRaw(99, 1);
        user.Request(1, "demo01");
        Assert.Empty(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_worker_may_not_send_what_is_for_users()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        worker.Request(1, "dc1");
        Heard refused = worker.Read(MessageKind.Refused)[0];
        Assert.Equal(ErrorCode.Protocol, refused.Refused!.Code);
        Assert.True(worker.IsDismissed);
    }

    [Fact]
    public void A_user_may_not_send_what_is_for_workers()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        user.Announce();
        Assert.True(user.IsDismissed);
    }

    [Fact]
    public void A_worker_cannot_speak_for_another_workers_run()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(one.Read(MessageKind.Run));
        two.Output(run, 0, "forged");
        two.Finish(run, exitCode: 66);
        Assert.Empty(user.Read());
        one.Finish(run);
        Assert.Equal("demo01", Assert.Single(user.Read()).Worker);
    }

    [Fact]
    public void A_heartbeat_is_sent_within_each_interval_in_which_nothing_else_is()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        scene.Pass(25_000, user);
        Assert.InRange(user.All.Count(heard => heard.Kind == MessageKind.Heartbeat), 10, 13);
    }

    [Fact]
    public void Heartbeats_of_peers_that_joined_together_do_not_stay_together()
    {
        var scene = new Scene();
        TestPeer[] users = [.. Enumerable.Range(0, 20).Select(_ => scene.User())];
        int most = 0;
        for (int i = 0; i < 200; i++)
        {
            int before = users.Sum(user => user.All.Count);
            scene.Pass(50, users);
            most = Math.Max(most, users.Sum(user => user.All.Count) - before);
        }
        Assert.InRange(most, 1, 15);
    }

    [Fact]
    public void A_silent_user_is_dismissed_and_a_live_one_is_not()
    {
        var scene = new Scene();
        TestPeer silent = scene.User(), live = scene.User();
        scene.Pass(10_100, live);
        Assert.True(silent.IsDismissed);
        Assert.False(live.IsDismissed);
    }

    [Fact]
    public void A_user_whose_message_comes_slowly_is_not_silent()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        for (int i = 0; i < 10; i++)
        {
            scene.Pass(5_000);
            scene.State.Arriving(user.Id, scene.Now);
        }
        Assert.False(user.IsDismissed);
        scene.Pass(10_100);
        Assert.True(user.IsDismissed);
    }

    [Fact]
    public void Everybody_is_told_when_the_broker_stops()
    {
        var scene = new Scene();
        TestPeer user = scene.User(), worker = scene.Worker("demo01"), stranger = scene.Join();
        scene.State.Stopping(scene.Now);
        Assert.Equal("the broker is shutting down", Goodbye.Read(user.Read()[^1].Message).Reason);
        Assert.Equal(MessageKind.Goodbye, worker.Read()[^1].Kind);
        Assert.Empty(stranger.Read());
    }

    [Fact]
    public void Too_many_jobs_are_refused()
    {
        var scene = new Scene();
        TestPeer worker = scene.SignedIn("demo01");
        worker.Announce(Limits.JobsMax + 1);
        Assert.True(worker.IsDismissed);
    }
}
