using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

/// <summary>Requests for a service that the broker answers for, as it does for what is written to a trigger.</summary>
public sealed class PostedTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void A_posted_request_is_stored_and_run_with_its_plugin_arguments_and_message()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.Post(1, "dc1", sequence: 1, payload: "uptime", hops: 3, parent: 76);
        _scene.Settle();
        Assert.Equal([new RequestId(1)], Stored.Read(Assert.Single(user.Read(MessageKind.Stored)).Message).Requests);
        Run run = Run.Read(Assert.Single(worker.Read(MessageKind.Run)).Message);
        Assert.Equal(("dc1", "", "echo", "uptime"),
            (Text(run.Service), Text(run.Trigger), Text(run.Plugin), Text(run.Payload)));
        Assert.True(run.ArgsBytes.SequenceEqual(Args.Encode([new("k", "v")])));
        Assert.Equal((3, 76ul, 7000u), (run.Hops, run.Parent.Value, run.TimeoutMs));
        Finish(worker);
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void It_survives_a_restart_of_the_broker()
    {
        _scene.User().Post(1, "dc1", sequence: 1);
        _scene.Settle();
        _scene.Restart();
        TestPeer worker = _scene.Worker("demo01");
        _scene.Pass(6000, worker);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(("x", 2), (run.Text, run.Attempt));
    }

    [Fact]
    public void It_waits_for_a_worker_whatever_comes_first()
    {
        TestPeer user = _scene.User();
        user.Post(1, "dc1", sequence: 1, payload: "first");
        user.Post(2, "dc1", sequence: 2, payload: "second");
        _scene.Settle();
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal("first", run.Text);
        worker.Finish(run);
        Assert.Equal("second", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Fact]
    public void A_repeat_is_carried_out_once()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.Post(1, "dc1", sequence: 1);
        _scene.Settle();
        user.Post(2, "dc1", sequence: 1);
        _scene.Settle();
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Theory]
    [InlineData("nothing", (int)ErrorCode.NotFound)]
    [InlineData("demo01", (int)ErrorCode.Unsupported)]
    [InlineData("team9/api", (int)ErrorCode.NotFound)]
    public void A_service_that_takes_none_is_refused_for_good(string service, int code)
    {
        TestPeer user = _scene.User();
        user.Post(1, service, sequence: 1);
        _scene.Settle();
        Assert.Equal((ErrorCode)code, Assert.Single(user.Read(MessageKind.Refused)).Refused!.Code);
        user.Post(2, "dc1", sequence: 2);
        _scene.Settle();
        Assert.Single(user.Read(MessageKind.Stored));
    }

    [Fact]
    public void What_is_not_a_request_is_refused_for_good_and_nobody_is_turned_out()
    {
        TestPeer user = _scene.User();
        user.PostRaw(1, sequence: 1, [6, 1, 2, 3]);
        user.PostRaw(2, sequence: 2, []);
        user.PostRaw(3, sequence: 3, [99, 1]);
        _scene.Settle();
        Assert.All(user.Read(), heard => Assert.Equal(ErrorCode.Unsupported, heard.Refused!.Code));
        Assert.False(user.IsDismissed);
    }

    [Fact]
    public void The_number_that_stands_for_a_service_cannot_be_fired_itself()
    {
        TestPeer user = _scene.User();
        user.PostRaw(1, sequence: 1, [1], trigger: (1UL << 62) | 21);
        user.Fire(2, (1UL << 62) | 21);
        _scene.Settle();
        Assert.All(user.Read(), heard => Assert.Equal(ErrorCode.NotFound, heard.Refused!.Code));
    }

    [Fact]
    public void Too_long_a_chain_is_refused_for_good()
    {
        TestPeer user = _scene.User();
        user.Post(1, "dc1", sequence: 1, hops: Limits.HopsMax + 1);
        _scene.Settle();
        Assert.Single(user.Read(MessageKind.Refused));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void Who_may_not_use_the_service_may_not_post_to_it()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Local }));
        TestPeer user = scene.User("member");
        user.Post(1, "dc1", sequence: 1);
        scene.Settle();
        Assert.All(user.Read(), heard => Assert.Equal(MessageKind.Refused, heard.Kind));
        Assert.Empty(scene.Disk.Messages);
    }

    [Fact]
    public void One_that_is_given_up_lies_among_the_dead_letters_under_its_service()
    {
        _scene.User().Post(1, "dc1", sequence: 1);
        _scene.Settle();
        for (int i = 0; i < 6; i++)
        {
            TestPeer worker = _scene.Worker("demo01");
            _scene.Pass(5000, worker);
            foreach (Heard run in worker.Read(MessageKind.Run)) worker.Started(run);
            worker.Send(new Goodbye("crash").Write);
            _scene.Leave(worker, LinkEnd.Closed);
            _scene.Settle();
        }
        Assert.Equal("service dc1", Assert.Single(_scene.Disk.DeadLetters).Path);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private void Finish(TestPeer worker)
    {
        foreach (Heard run in worker.All.Where(heard => heard.Kind == MessageKind.Run).ToArray()) worker.Finish(run);
        _scene.Settle();
    }
}
