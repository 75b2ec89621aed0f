using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Jobs;

public sealed class EndingTests
{
    [Fact]
    public void At_its_timeout_a_run_is_cancelled_and_the_workers_answer_is_the_answer()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 3000);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(3000u, run.TimeoutMs);
        worker.Started(run);
        scene.Pass(3050, worker, user);
        Assert.Equal("TimedOut", Assert.Single(worker.Read(MessageKind.Cancel)).Text);
        worker.Finish(run, exitCode: 143, outcome: Outcome.TimedOut);
        Heard end = Assert.Single(user.Read());
        Assert.Equal((Outcome.TimedOut, 143, true), (end.Outcome, end.ExitCode, end.IsLast));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_worker_that_does_not_end_a_timed_out_run_in_time_is_answered_for_and_keeps_its_job_filled()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 3000);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        scene.Pass(3000 + 2000 + 100, worker, user);
        Assert.Equal(Outcome.TimedOut, Assert.Single(user.Read()).Outcome);
        user.Request(2, "dc1");
        Assert.Empty(worker.Read(MessageKind.Run));
        worker.Finish(run);
        Assert.Empty(user.Read());
        Assert.Equal(1, worker.FinishAll());
        Tidy.Check(scene);
    }

    [Fact]
    public void The_whole_time_of_a_request_includes_its_waiting()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 60_000);
        user.Request(2, "dc1", timeoutMs: 5000);
        scene.Pass(2000, worker, user);
        worker.Finish(worker.Read(MessageKind.Run)[0]);
        Assert.Equal(3000u, Assert.Single(worker.Read(MessageKind.Run)).TimeoutMs);
    }

    [Fact]
    public void A_request_that_waited_for_its_whole_timeout_is_refused_as_timed_out()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 60_000);
        user.Request(2, "dc1", timeoutMs: 5000);
        scene.Pass(5100, worker, user);
        Heard refused = Assert.Single(user.Read());
        Assert.Equal((2ul, ErrorCode.TimedOut), (refused.Id, refused.Refused!.Code));
    }

    [Fact]
    public void A_request_without_a_timeout_has_the_services_and_else_the_default()
    {
        var scene = new Scene(Scene.Team(service =>
            service.Id.Value == 21 ? service with { TimeoutMs = 1234 } : service));
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 0);
        user.Request(2, "demo01", timeoutMs: 0);
        Assert.Equal([1234u, 30_000u], worker.Read(MessageKind.Run).Select(run => run.TimeoutMs));
    }

    [Fact]
    public void When_a_serial_requests_time_is_up_workers_whose_turn_did_not_come_are_named()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "steps", timeoutMs: 3000);
        Heard run = Assert.Single(two.Read(MessageKind.Run));
        scene.Pass(3050, one, two, three, user);
        two.Finish(run, exitCode: 143, outcome: Outcome.TimedOut);
        List<Heard> ends = user.Read();
        Assert.All(ends, end => Assert.Equal(Outcome.TimedOut, end.Outcome));
        Assert.Equal(["demo01", "demo02", "demo03"], ends.Select(end => end.Worker).Order());
        Assert.Equal([false, false, true], ends.Select(end => end.IsLast));
        Assert.Empty(one.Read(MessageKind.Run));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_cancelled_run_is_ended_by_its_worker_and_its_answer_comes()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        user.Cancel(1);
        user.Cancel(1);
        Heard cancel = Assert.Single(worker.Read(MessageKind.Cancel));
        Assert.Equal((run.Id, "Cancelled"), (cancel.Id, cancel.Text));
        worker.Finish(run, exitCode: 143, outcome: Outcome.Cancelled);
        Assert.Equal(Outcome.Cancelled, Assert.Single(user.Read()).Outcome);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_cancelled_request_that_waits_is_refused_as_cancelled_at_once()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Request(2, "dc1");
        user.Cancel(2);
        Assert.Equal(ErrorCode.Cancelled, Assert.Single(user.Read()).Refused!.Code);
        Assert.Equal(1, worker.FinishAll());
        Tidy.Check(scene);
    }

    [Fact]
    public void A_cancelled_run_is_not_retried()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 5 }));
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Cancel(1);
        Assert.Equal(1, worker.FinishAll(exitCode: 1));
        Assert.Empty(worker.Read(MessageKind.Run));
        Assert.Single(user.Read(MessageKind.Finished));
        Tidy.Check(scene);
    }

    [Fact]
    public void Cancelling_what_is_not_there_does_nothing()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        user.Cancel(99);
        Assert.Empty(user.Read());
        Assert.False(user.IsDismissed);
    }

    [Fact]
    public void A_sender_that_is_gone_for_good_has_its_runs_cancelled_after_the_grace()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 60_000);
        user.Request(2, "dc1", timeoutMs: 60_000);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        scene.Leave(user, LinkEnd.Broken);
        scene.Pass(4900, worker);
        Assert.Empty(worker.Read(MessageKind.Cancel));
        scene.Pass(200, worker);
        Assert.Single(worker.Read(MessageKind.Cancel));
        worker.Finish(run, outcome: Outcome.Cancelled);
        Assert.Empty(worker.Read(MessageKind.Run));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_sender_that_says_goodbye_has_its_runs_cancelled_at_once()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Request(2, "dc1");
        user.Send(new Goodbye("done").Write);
        List<Heard> heard = worker.Read();
        Assert.Equal([MessageKind.Run, MessageKind.Cancel], heard.Select(one => one.Kind));
        worker.Finish(heard[0], outcome: Outcome.Cancelled);
        Tidy.Check(scene);
    }
}
