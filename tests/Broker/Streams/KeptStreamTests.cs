using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Streams;

/// <summary>Streams that a service keeps: when they begin, go on, begin again and end.</summary>
public sealed class KeptStreamTests
{
    private readonly Scene _scene = new(Scene.Team(service => service.Id.Value == 21
        ? service with { Keep = [new("follow\tpath=/a")] } : service));

    private readonly TestPeer _user;

    public KeptStreamTests() => _user = _scene.User();

    [Fact]
    public void It_begins_when_a_worker_of_the_service_comes_online_though_nobody_listens()
    {
        _scene.Pass(2_000, _user);
        TestPeer worker = _scene.Worker("demo01");
        _scene.Pass(1_000, worker, _user);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(0u, run.TimeoutMs);
        Run sent = Run.Read(run.Message);
        Assert.Equal("follow", System.Text.Encoding.UTF8.GetString(sent.Plugin));
        Assert.Equal([new("path", "/a")], Args.Decode(sent.ArgsBytes));
    }

    [Fact]
    public void Who_listens_gets_the_last_lines_and_it_goes_on_when_he_leaves()
    {
        (TestPeer worker, Heard run) = Running();
        worker.Output(run, 0, "one\ntwo\n");
        _user.Listen(1, plugin: "follow", last: 1, args: ("path", "/a"));
        Assert.Equal("two\n", TextOf(_user.Read()));
        Assert.Empty(worker.Read(MessageKind.Run));
        _user.Cancel(1);
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds + 200, worker, _user);
        Assert.Empty(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void One_whose_link_breaks_does_not_end_it()
    {
        (TestPeer worker, _) = Running();
        TestPeer other = _scene.User();
        other.Listen(1, plugin: "follow", args: ("path", "/a"));
        _scene.Leave(other, LinkEnd.Broken);
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds + 200, worker, _user);
        Assert.Empty(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void A_lost_worker_is_followed_by_the_next_one_with_nobody_listening()
    {
        (TestPeer worker, _) = Running();
        TestPeer second = _scene.Worker("demo02");
        _scene.Leave(worker, LinkEnd.Broken);
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds + 200, second, _user);
        Assert.Single(second.Read(MessageKind.Run));
    }

    [Fact]
    public void When_it_ends_it_begins_again_later_each_time_and_who_listens_hears_of_it()
    {
        (TestPeer worker, Heard run) = Running();
        _user.Listen(1, plugin: "follow", args: ("path", "/a"));
        worker.Finish(run, exitCode: 3);
        Assert.Equal(["it ended on worker demo01 with exit code 3; it begins again in 1 s\n"], Notices(_user.Read()));
        foreach (int pause in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            _scene.Pass((pause * 1000) - 100, worker, _user);
            Assert.Empty(worker.Read(MessageKind.Run));
            _scene.Pass(200, worker, _user);
            worker.Finish(Assert.Single(worker.Read(MessageKind.Run)));
        }
        Assert.DoesNotContain(_user.Read(), heard => heard.Kind == MessageKind.Finished);
    }

    [Fact]
    public void After_a_run_that_lasted_it_begins_again_soon()
    {
        (TestPeer worker, Heard run) = Running();
        worker.Finish(run);
        _scene.Pass(1_100, worker, _user);
        worker.Finish(Assert.Single(worker.Read(MessageKind.Run)));
        _scene.Pass(2_100, worker, _user);
        worker.Finish(Assert.Single(worker.Read(MessageKind.Run)), durationMs: 60_000);
        _scene.Pass(1_100, worker, _user);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void When_the_service_keeps_it_no_longer_it_ends_unless_somebody_listens()
    {
        (TestPeer worker, Heard run) = Running();
        _user.Listen(1, plugin: "follow", args: ("path", "/a"));
        Say(Verb.Remove, "follow", "path=/a");
        Assert.Empty(worker.Read(MessageKind.Cancel));
        Say(Verb.Add, "follow", "path=/a");
        _user.Cancel(1);
        Assert.Empty(worker.Read(MessageKind.Cancel));
        Say(Verb.Remove, "follow", "path=/a");
        Assert.Single(worker.Read(MessageKind.Cancel));
        worker.Finish(run, outcome: Outcome.Cancelled);
        Assert.Equal(0, _scene.State.Load.Streams);
    }

    [Fact]
    public void One_that_somebody_listens_to_already_is_kept_and_the_order_of_arguments_makes_no_other()
    {
        TestPeer worker = _scene.Worker("demo01");
        _user.Listen(1, plugin: "more", args: [("b", "2"), ("a", "1")]);
        Say(Verb.Add, "more", "a=1", "b=2");
        _user.Cancel(1);
        _scene.Pass(1_000, worker, _user);
        Assert.Equal(2, worker.Read(MessageKind.Run).Count); // This one, and that of the stored service.
        Assert.Empty(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void A_service_that_is_deleted_keeps_nothing()
    {
        (TestPeer worker, _) = Running();
        Assert.Equal(MessageKind.Done, Manage(Verb.Delete, "").Kind);
        Assert.Single(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void After_a_restart_of_the_broker_it_begins_again_and_what_a_worker_still_runs_is_ended()
    {
        (_, Heard run) = Running();
        _scene.Restart();
        TestPeer back = _scene.Worker("demo01", held: [new(new(run.Id), run.Session, new(run.Request), 0, "dc1")]);
        Assert.Equal(run.Id, Assert.Single(back.All, heard => heard.Kind == MessageKind.Cancel).Id);
        _scene.Pass(1_000, back);
        Assert.Single(back.Read(MessageKind.Run));
    }

    [Fact]
    public void A_broker_that_is_about_to_stop_begins_none_and_does_not_wait_for_one()
    {
        (TestPeer worker, Heard run) = Running();
        _user.Request(1, "dc1");
        Heard other = Assert.Single(worker.Read(MessageKind.Run));
        _scene.State.Drain(TimeSpan.FromMinutes(1), _scene.Now);
        worker.Finish(run);
        _scene.Pass(2_000, worker, _user);
        Assert.Empty(worker.Read(MessageKind.Run));
        Assert.False(_scene.World.IsShutDown);
        worker.Finish(other);
        _scene.Pass(100, worker, _user);
        Assert.True(_scene.World.IsShutDown);
    }

    [Theory]
    [InlineData("no argument", "follow", "path")]
    [InlineData("without a name", "follow", "=x")]
    [InlineData("twice", "follow", "path=/a", "path=/b")]
    [InlineData("two lines", "follow", "path=a\nb")]
    [InlineData("no plugin's name", "../follow")]
    public void What_is_none_is_refused(string what, params string[] words)
    {
        Assert.True(Manage(Verb.Add, Properties.Keep, words).Refused?.Code == ErrorCode.Invalid, what);
    }

    [Fact]
    public void More_than_a_team_may_keep_are_refused_and_so_are_long_arguments()
    {
        for (int i = 1; i < Limits.KeptStreamsPerTeamMax; i++) Say(Verb.Add, "follow", $"path=/{i}");
        Assert.Equal(ErrorCode.TooLarge, Manage(Verb.Add, Properties.Keep, "follow", "path=/z").Refused!.Code);
        Say(Verb.Remove, "follow", "path=/1");
        string tooLong = "path=" + new string('x', Limits.KeptStreamTextMax);
        Assert.Equal(ErrorCode.TooLarge, Manage(Verb.Add, Properties.Keep, "follow", tooLong).Refused!.Code);
        Assert.Equal(ErrorCode.NotFound, Manage(Verb.Remove, Properties.Keep, "follow", "path=/1").Refused!.Code);
    }

    private (TestPeer Worker, Heard Run) Running()
    {
        TestPeer worker = _scene.Worker("demo01");
        _scene.Pass(1_000, worker, _user);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        return (worker, run);
    }

    private void Say(Verb verb, params string[] words) =>
        Assert.Equal(MessageKind.Done, Manage(verb, Properties.Keep, words).Kind);

    private Heard Manage(Verb verb, string property, params string[] values)
    {
        TestPeer admin = _scene.User();
        admin.Send(new Manage(new(1), verb, ObjectKind.Service, "dc1", property, values).Write);
        _scene.Settle();
        return Assert.Single(admin.Read(), heard => heard.Kind is MessageKind.Done or MessageKind.Refused);
    }

    private static string TextOf(List<Heard> heard) =>
        string.Concat(heard.Where(one => one.Kind == MessageKind.Output && !one.IsNotice).Select(one => one.Text));

    private static string[] Notices(List<Heard> heard) =>
        [.. heard.Where(one => one.IsNotice).Select(one => one.Text)];
}
