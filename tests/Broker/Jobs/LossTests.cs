using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Jobs;

public sealed class LossTests
{
    [Fact]
    public void The_waiting_requests_of_a_killed_worker_move_on()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        for (ulong i = 1; i <= 3; i++) user.Request(i, "dc1");
        one.Started(Assert.Single(one.Read(MessageKind.Run)));
        TestPeer two = scene.Worker("demo02", jobs: 1);
        Assert.Equal(2ul, Assert.Single(two.Read(MessageKind.Run)).Request);
        scene.Leave(one, LinkEnd.Closed);
        Assert.Empty(user.Read());
    }

    [Fact]
    public void A_run_that_was_sent_and_not_started_is_taken_over_when_the_worker_is_killed()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        Heard first = Assert.Single(one.Read(MessageKind.Run));
        TestPeer two = scene.Worker("demo02");
        scene.Leave(one, LinkEnd.Closed);
        Heard second = Assert.Single(two.Read(MessageKind.Run));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(1, second.Attempt);
        Assert.Equal("uptime", second.Text);
        two.Finish(second);
        Assert.Equal("demo02", Assert.Single(user.Read(MessageKind.Finished)).Worker);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_run_that_was_not_started_and_has_nobody_to_take_it_is_refused()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        scene.Leave(one, LinkEnd.Closed);
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read()).Refused!.Code);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_started_run_of_a_killed_worker_fails_as_worker_lost_when_it_does_not_come_back()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        one.Started(Assert.Single(one.Read(MessageKind.Run)));
        scene.Leave(one, LinkEnd.Closed);
        scene.Pass(4900, user, two);
        Assert.Empty(user.Read());
        scene.Pass(200, user, two);
        Heard end = Assert.Single(user.Read());
        Assert.Equal(Outcome.WorkerLost, end.Outcome);
        Assert.True(end.IsLast);
        Assert.Empty(two.Read(MessageKind.Run));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_run_without_a_sign_of_life_is_uncertain_when_the_link_breaks_and_is_not_given_to_another()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        TestPeer two = scene.Worker("demo02");
        scene.Leave(one, LinkEnd.Broken);
        scene.Pass(5100, user, two);
        Assert.Equal(Outcome.WorkerLost, Assert.Single(user.Read()).Outcome);
        Assert.Empty(two.Read(MessageKind.Run));
    }

    [Fact]
    public void A_worker_that_falls_silent_is_dismissed_and_its_runs_are_uncertain()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 60_000);
        TestPeer two = scene.Worker("demo02");
        scene.Pass(10_100, user, two);
        Assert.True(one.IsDismissed);
        scene.Pass(5100, user, two);
        Assert.Equal(Outcome.WorkerLost, Assert.Single(user.Read()).Outcome);
        Assert.Empty(two.Read(MessageKind.Run));
    }

    [Fact]
    public void A_lost_run_is_started_again_when_the_service_says_retry()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 1 }));
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 60_000);
        one.Started(Assert.Single(one.Read(MessageKind.Run)));
        TestPeer two = scene.Worker("demo02");
        scene.Leave(one, LinkEnd.Closed);
        scene.Pass(5100, user, two);
        Heard again = Assert.Single(two.Read(MessageKind.Run));
        Assert.Equal(2, again.Attempt);
        Assert.Equal("uptime", again.Text);
        two.Finish(again);
        Assert.Equal(Outcome.Done, Assert.Single(user.Read()).Outcome);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_failed_run_is_started_again_as_often_as_the_service_says_and_then_the_failure_is_the_answer()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 2 }));
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        for (int attempt = 1; attempt <= 3; attempt++)
        {
            Heard run = Assert.Single(one.Read(MessageKind.Run));
            Assert.Equal(attempt, run.Attempt);
            Assert.Empty(user.Read(MessageKind.Finished));
            one.Finish(run, exitCode: 9);
        }
        Assert.Equal(9, Assert.Single(user.Read(MessageKind.Finished)).ExitCode);
        Tidy.Check(scene);
    }

    [Fact]
    public void Output_of_a_second_attempt_on_the_same_worker_stands_behind_that_of_the_first()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 1 }));
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        Heard run = Assert.Single(one.Read(MessageKind.Run));
        one.Output(run, 0, "abc");
        one.Finish(run, exitCode: 1, tail: "de", offset: 5);
        run = Assert.Single(one.Read(MessageKind.Run));
        one.Output(run, 0, "xyz");
        user.Credit(1, 8, "demo01");
        Assert.Equal(3ul, Assert.Single(one.Read(MessageKind.Credit)).Offset);
        one.Finish(run, tail: "!", offset: 4);
        List<Heard> heard = user.Read();
        Assert.Equal([0ul, 3, 5], heard.FindAll(one => one.Kind == MessageKind.Output).Select(one => one.Offset));
        Assert.Equal(9ul, heard[^1].Offset);
        Assert.Equal("!", heard[^1].Text);
    }

    [Fact]
    public void Output_of_an_attempt_that_moved_to_another_worker_begins_at_its_beginning()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 1 }));
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        Heard run = Assert.Single(one.Read(MessageKind.Run));
        one.Output(run, 0, "abc");
        one.Finish(run, exitCode: 1, offset: 3);
        Assert.Single(one.Read(MessageKind.Run));
        TestPeer two = scene.Worker("demo02");
        scene.Leave(one, LinkEnd.Closed);
        two.Output(Assert.Single(two.Read(MessageKind.Run)), 0, "xyz");
        Assert.Equal([("demo01", 0ul), ("demo02", 0ul)], user.Read().Select(heard => (heard.Worker, heard.Offset)));
    }

    [Fact]
    public void Runs_of_a_worker_that_says_goodbye_fail_at_once()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        one.Started(Assert.Single(one.Read(MessageKind.Run)));
        one.Send(new Goodbye("stopped").Write);
        Assert.Equal(Outcome.WorkerLost, Assert.Single(user.Read()).Outcome);
        user.Request(2, "demo01");
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read()).Refused!.Code);
        scene.Leave(one, LinkEnd.Closed);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_run_that_was_not_started_moves_on_when_its_worker_says_goodbye_and_goes()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        TestPeer two = scene.Worker("demo02");
        one.Send(new Goodbye("stopped").Write);
        Assert.Empty(two.Read(MessageKind.Run));
        scene.Leave(one, LinkEnd.Closed);
        Assert.Equal(1, two.FinishAll());
        Tidy.Check(scene);
    }

    [Fact]
    public void A_mirrored_run_that_was_not_started_is_answered_as_offline_when_its_worker_is_killed()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "all");
        scene.Leave(one, LinkEnd.Closed);
        Assert.Equal((Outcome.Offline, "demo01"), user.Read().Select(end => (end.Outcome, end.Worker)).Single());
        two.FinishAll();
        three.FinishAll();
        Assert.Equal(2, user.Read().Count);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_second_session_of_a_worker_replaces_the_first_and_tells_it_why()
    {
        var scene = new Scene();
        TestPeer old = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(old.Read(MessageKind.Run));
        old.Started(run);
        TestPeer young = scene.SignedIn("demo01");
        Refused refused = Assert.Single(old.Read(MessageKind.Refused)).Refused!;
        Assert.Equal(ErrorCode.Exists, refused.Code);
        Assert.True(old.IsDismissed);
        old.Finish(run);
        Assert.Empty(user.Read());
        young.Announce(held: [new(new(run.Id), user.Welcome.Session, new(1), 0, "demo01")]);
        young.Finish(run);
        Assert.Equal(Outcome.Done, Assert.Single(user.Read()).Outcome);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_deleted_worker_is_turned_out_and_its_runs_are_lost()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        worker.Started(Assert.Single(worker.Read(MessageKind.Run)));
        user.Send(new Manage(new(2), Verb.Delete, ObjectKind.Worker, "demo01", "", []).Write);
        scene.Settle();
        Assert.Equal([MessageKind.Finished, MessageKind.Done], user.Read().Select(heard => heard.Kind));
        Assert.True(worker.IsDismissed);
        Tidy.Check(scene);
    }

    [Fact]
    public void What_waits_for_a_service_that_is_deleted_is_refused()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Request(2, "dc1");
        user.Send(new Manage(new(3), Verb.Delete, ObjectKind.Service, "dc1", "", []).Write);
        scene.Settle();
        Assert.Equal(ErrorCode.NotFound, user.Read(MessageKind.Refused).Single(heard => heard.Id == 2).Refused!.Code);
        Assert.Equal(1, worker.FinishAll());
        Tidy.Check(scene);
    }
}
