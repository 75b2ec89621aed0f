using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Dispatch;

/// <summary>Requests that go to their workers with care: a few first, some alone, until too many fail.</summary>
public sealed class RolloutTests
{
    private const int Any = RolloutRules.AnyFailures;

    private readonly Scene _scene = new();
    private readonly TestPeer[] _workers;
    private readonly TestPeer _user;

    // In the order in which they are attached to the services: 2, 1, 3.
    public RolloutTests()
    {
        _workers = [_scene.Worker("demo02"), _scene.Worker("demo01"), _scene.Worker("demo03")];
        _user = _scene.User();
    }

    [Fact]
    public void The_others_begin_once_the_canary_did_it_well()
    {
        _user.Rollout(1, "all", Rules(canary: 1), Request.TellDispatch);
        Assert.Equal(3, Dispatched.Read(Assert.Single(_user.Read()).Message).Workers);
        Assert.Equal([1, 0, 0], Begun());
        _workers[0].FinishAll();
        Assert.Equal([1, 1, 1], Begun());
        Finish();
        List<Heard> ends = _user.Read(MessageKind.Finished);
        Assert.Equal([false, false, true], ends.Select(end => end.IsLast));
        Assert.All(ends, end => Assert.Equal(Outcome.Done, end.Outcome));
        Tidy.Check(_scene);
    }

    [Fact]
    public void Nobody_else_begins_when_one_of_the_canary_fails()
    {
        _user.Rollout(1, "all", Rules(canary: 2));
        _workers[0].FinishAll(exitCode: 3);
        Assert.DoesNotContain(_user.Read(MessageKind.Finished), end => end.IsLast);
        _workers[1].FinishAll();
        List<Heard> ends = _user.Read(MessageKind.Finished);
        Assert.Equal([Outcome.Done, Outcome.Skipped], ends.Select(end => end.Outcome));
        Assert.Equal("demo03", ends[1].Worker);
        Assert.Contains("1 of the first 2", ends[1].Detail);
        Assert.True(ends[1].IsLast);
        Assert.Equal(0, _workers[2].FinishAll());
        Tidy.Check(_scene);
    }

    [Fact]
    public void The_canary_is_made_of_workers_that_are_online()
    {
        _scene.Leave(_workers[0], LinkEnd.Closed);
        _scene.Pass(10_000, _workers[1], _workers[2], _user);
        _user.Rollout(1, "all", Rules(canary: 1));
        Assert.Equal(1, _workers[1].FinishAll());
        Assert.Equal(1, _workers[2].FinishAll());
        Assert.Equal(["demo01", "demo02", "demo03"], _user.Read(MessageKind.Finished).Select(end => end.Worker));
    }

    [Fact]
    public void A_canary_of_a_serial_service_goes_one_by_one_too()
    {
        _user.Rollout(1, "steps", Rules(canary: 2));
        Assert.Equal([1, 0, 0], Begun());
        _workers[0].FinishAll();
        _workers[1].FinishAll(exitCode: 1);
        List<Heard> ends = _user.Read(MessageKind.Finished);
        Assert.Equal([Outcome.Done, Outcome.Done, Outcome.Skipped], ends.Select(end => end.Outcome));
        Assert.True(ends[2].IsLast);
        Tidy.Check(_scene);
    }

    [Fact]
    public void What_runs_is_cancelled_when_too_many_have_failed()
    {
        _user.Rollout(1, "all", Rules(failures: 1));
        Heard[] runs = [.. _workers.Select(worker => Assert.Single(worker.Read(MessageKind.Run)))];
        _workers[0].Finish(runs[0], exitCode: 1);
        Assert.Empty(_workers[2].Read(MessageKind.Cancel));
        _workers[1].Finish(runs[1], exitCode: 1);
        Assert.Single(_workers[2].Read(MessageKind.Cancel));
        _workers[2].Finish(runs[2], exitCode: 143, outcome: Outcome.Cancelled);
        List<Heard> ends = _user.Read(MessageKind.Finished);
        Assert.Equal([Outcome.Done, Outcome.Done, Outcome.Cancelled], ends.Select(end => end.Outcome));
        Assert.True(ends[2].IsLast);
        Tidy.Check(_scene);
    }

    [Fact]
    public void So_many_failures_as_are_allowed_stop_nothing()
    {
        _user.Rollout(1, "steps", Rules(failures: 2));
        Assert.Equal(1, _workers[0].FinishAll(exitCode: 1));
        Assert.Equal(1, _workers[1].FinishAll(exitCode: 1));
        Assert.Equal(1, _workers[2].FinishAll(exitCode: 1));
        Assert.Equal(3, _user.Read(MessageKind.Finished).Count(end => end.Outcome == Outcome.Done));
        Tidy.Check(_scene);
    }

    [Theory]
    [InlineData(33, 1, 1)]
    [InlineData(34, 2, 0)]
    public void Failures_in_percent_are_of_all_workers_that_it_goes_to(int percent, int begun, int skipped)
    {
        _scene.Leave(_workers[2], LinkEnd.Closed);
        _scene.Pass(10_000, _workers[0], _workers[1], _user);
        _user.Rollout(1, "steps", new(0, percent, IsPercent: true, ["demo01", "demo02", "demo03"]));
        int count = _workers[0].FinishAll(exitCode: 1) + _workers[1].FinishAll();
        Assert.Equal(begun, count);
        Assert.Equal(skipped + (skipped > 0 ? 1 : 0),
            _user.Read(MessageKind.Finished).Count(end => end.Outcome == Outcome.Skipped));
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_worker_that_is_offline_counts_as_failed()
    {
        _scene.Leave(_workers[0], LinkEnd.Closed);
        _scene.Pass(10_000, _workers[1], _workers[2], _user);
        _user.Rollout(1, "all", Rules(failures: 0));
        List<Heard> ends = _user.Read(MessageKind.Finished);
        Assert.Equal([Outcome.Offline, Outcome.Skipped, Outcome.Skipped], ends.Select(end => end.Outcome));
        Assert.Equal([0, 0, 0], Begun());
        Tidy.Check(_scene);
    }

    [Fact]
    public void Only_the_workers_that_are_named_get_it()
    {
        _user.Rollout(1, "all", new(0, Any, false, ["demo03", "demo02", "gone"]), Request.TellDispatch);
        Assert.Equal(2, Dispatched.Read(Assert.Single(_user.Read()).Message).Workers);
        Assert.Equal([1, 0, 1], Begun());
        Finish();
        Assert.Equal(["demo02", "demo03"], _user.Read(MessageKind.Finished).Select(end => end.Worker));
        Tidy.Check(_scene);
    }

    [Fact]
    public void Names_of_which_none_is_attached_are_refused()
    {
        _user.Rollout(1, "all", new(0, Any, false, ["gone"]));
        Assert.Equal(ErrorCode.NotFound, Assert.Single(_user.Read(MessageKind.Refused)).Refused!.Code);
        Tidy.Check(_scene);
    }

    [Theory]
    [InlineData("dc1")]
    [InlineData("demo01")]
    public void A_service_that_gives_a_request_to_one_worker_refuses_it(string service)
    {
        _user.Rollout(1, service, Rules(canary: 1));
        Assert.Equal(ErrorCode.Invalid, Assert.Single(_user.Read(MessageKind.Refused)).Refused!.Code);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_broadcast_refuses_it()
    {
        _user.Rollout(1, "all", Rules(canary: 1), Request.Broadcast);
        Assert.Equal(ErrorCode.Invalid, Assert.Single(_user.Read(MessageKind.Refused)).Refused!.Code);
        Tidy.Check(_scene);
    }

    [Fact]
    public void More_than_a_hundred_percent_is_refused()
    {
        _user.Rollout(1, "all", new(0, 101, IsPercent: true, []));
        Assert.Equal(ErrorCode.Invalid, Assert.Single(_user.Read(MessageKind.Refused)).Refused!.Code);
    }

    [Fact]
    public void A_service_that_stops_at_a_failure_skips_the_others()
    {
        var scene = new Scene(Scene.Team(service => service with { OnFailure = OnFailure.Stop }));
        TestPeer worker = scene.Worker("demo02"), user = scene.User();
        user.Rollout(1, "steps", Rules(failures: 2));
        worker.FinishAll(exitCode: 1);
        Assert.Equal([Outcome.Done, Outcome.Skipped, Outcome.Skipped],
            user.Read(MessageKind.Finished).Select(end => end.Outcome));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_sender_that_was_away_hears_of_those_that_were_skipped()
    {
        _user.Rollout(1, "all", Rules(canary: 1));
        Heard run = Assert.Single(_workers[0].Read(MessageKind.Run));
        _scene.Leave(_user, LinkEnd.Broken);
        _workers[0].Finish(run, exitCode: 1);
        TestPeer back = _scene.Back(_user);
        back.Send(new Reclaim(new(1), [], []).Write);
        Assert.Equal([Outcome.Done, Outcome.Skipped, Outcome.Skipped],
            back.Read(MessageKind.Finished).Select(end => end.Outcome));
        Tidy.Check(_scene);
    }

    [Fact]
    public void After_a_restart_of_the_broker_only_those_that_were_named_are_answered_for()
    {
        _user.Rollout(1, "all", new(0, Any, false, ["demo01", "demo02"]));
        Heard run = Assert.Single(_workers[1].Read(MessageKind.Run));
        _scene.Restart();
        TestPeer back = _scene.Back(_user);
        back.Send(new Reclaim(new(1), [], ["demo01", "demo02"]).Write);
        TestPeer worker = _scene.Worker("demo01",
            held: [new(new(run.Id), back.Welcome.Session, new(1), 0, "all")]);
        worker.Finish(run);
        _scene.Pass(6000, worker, back);
        Assert.Equal([("demo01", Outcome.Done), ("demo02", Outcome.WorkerLost)],
            back.Read(MessageKind.Finished).Select(end => (end.Worker, end.Outcome)));
        Tidy.Check(_scene);
    }

    private static RolloutRules Rules(int canary = 0, int failures = Any) => new(canary, failures, false, []);

    private void Finish() => Assert.All(_workers, worker => worker.FinishAll());

    private int[] Begun() => [.. _workers.Select(worker => worker.All.Count(heard => heard.Kind == MessageKind.Run))];
}
