using TriggerFs.Broker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.State;

/// <summary>A broker that is about to stop, and one whose settings say how often somebody may send.</summary>
public sealed class DrainTests
{
    private const ulong Uptime = 32;

    [Fact]
    public void A_broker_that_drains_begins_nothing_new_and_stops_when_what_runs_has_ended()
    {
        var scene = new Scene();
        TestPeer user = scene.User(), worker = scene.Worker("demo01");
        user.Request(1, "dc1");
        scene.State.Drain(TimeSpan.FromSeconds(30), scene.Now);
        user.Request(2, "dc1");
        user.FireLater(3, Uptime, sequence: 1);
        Assert.Equal([ErrorCode.Busy, ErrorCode.Busy], Codes(user));
        scene.Pass(5000, user, worker);
        Assert.False(scene.World.IsShutDown);
        Assert.Equal(1, worker.FinishAll());
        scene.Pass(100, user, worker);
        Assert.Single(user.Read(MessageKind.Finished));
        Assert.True(scene.World.IsShutDown);
    }

    [Fact]
    public void A_broker_that_drains_stops_when_its_time_is_up_and_keeps_messages_that_wait()
    {
        var scene = new Scene();
        TestPeer user = scene.User(), worker = scene.Worker("demo01", jobs: 1);
        user.Request(1, "dc1");
        user.FireLater(2, Uptime, sequence: 1);
        scene.Settle();
        scene.State.Drain(TimeSpan.FromSeconds(3), scene.Now);
        scene.Pass(2900, user, worker);
        Assert.False(scene.World.IsShutDown);
        scene.Pass(200, user, worker);
        Assert.True(scene.World.IsShutDown);
        Assert.Single(scene.Disk.Messages);
    }

    [Fact]
    public void A_broker_that_drains_stops_when_it_is_on_the_disk_what_has_ended()
    {
        var scene = new Scene();
        TestPeer user = scene.User(), worker = scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        scene.Settle();
        scene.State.Drain(TimeSpan.FromSeconds(30), scene.Now);
        Assert.Equal(1, worker.FinishAll());
        scene.State.Ticked(scene.Now);
        Assert.False(scene.World.IsShutDown);
        scene.Settle();
        scene.Pass(200, user, worker);
        Assert.True(scene.World.IsShutDown);
        Assert.Empty(scene.Disk.Messages);
    }

    [Fact]
    public void A_session_and_a_team_that_send_too_often_are_told_when_to_try_again()
    {
        var scene = new Scene(
            options: BrokerOptions.Default with { SessionRate = new(2, 1000), TeamRate = new(3, 1000) });
        TestPeer first = scene.User(), second = scene.User();
        scene.Worker("demo01", jobs: 100);
        for (ulong i = 1; i <= 3; i++) first.Request(i, "dc1");
        Heard refused = Assert.Single(first.Read(MessageKind.Refused));
        Assert.Equal((3UL, "try again in 1 s"), (refused.Id, refused.Refused!.Fix));
        second.Request(1, "dc1");
        second.FireLater(2, Uptime, sequence: 1);
        Assert.Equal("this team sent too often", Assert.Single(second.Read(MessageKind.Refused)).Text);
        scene.Pass(1000, first, second);
        second.FireLater(2, Uptime, sequence: 1);
        scene.Settle();
        Assert.Single(second.Read(MessageKind.Stored));
    }

    [Fact]
    public void Settings_that_are_read_again_hold_from_then_on()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        scene.Worker("demo01");
        scene.State.Become(BrokerOptions.Default with { SessionRate = new(1, 60_000) }, scene.Now);
        user.Request(1, "dc1");
        user.Request(2, "dc1");
        Assert.Equal([ErrorCode.Busy], Codes(user));
    }

    private static IEnumerable<ErrorCode> Codes(TestPeer user) =>
        user.Read(MessageKind.Refused).Select(one => one.Refused!.Code);
}
