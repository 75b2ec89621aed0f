using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Jobs;

public sealed class ReturnTests
{
    [Fact]
    public void A_worker_that_comes_back_with_its_run_goes_on_from_what_the_sender_is_done_with()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Output(run, 0, "0123456789");
        user.Credit(1, 4, "demo01");
        scene.Leave(worker, LinkEnd.Broken);
        TestPeer back = scene.Worker("demo01", held: [new(new(run.Id), user.Welcome.Session, new(1), 4, "demo01")]);
        Heard credit = Assert.Single(back.Read(MessageKind.Credit));
        Assert.Equal((run.Id, 4ul, true), (credit.Id, credit.Offset, credit.IsLast));
        back.Output(run, 4, "456789abcd");
        back.Finish(run, tail: "ef", offset: 16);
        Assert.Equal("0123456789abcdef", string.Concat(user.Read().Select(heard => heard.Text)));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_worker_that_comes_back_without_its_run_has_lost_it_at_once()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        worker.Started(Assert.Single(worker.Read(MessageKind.Run)));
        scene.Leave(worker, LinkEnd.Closed);
        scene.Worker("demo01");
        Assert.Equal(Outcome.WorkerLost, Assert.Single(user.Read()).Outcome);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_held_run_that_nobody_wants_any_more_is_cancelled()
    {
        var scene = new Scene();
        scene.Pass(60_000);
        TestPeer worker = scene.Worker("demo01", held: [new(new(77), new(5), new(1), 0, "dc1")]);
        Assert.Equal(77ul, Assert.Single(worker.Read(MessageKind.Cancel)).Id);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_sender_that_comes_back_hears_what_it_missed()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Output(run, 0, "0123456789");
        scene.Leave(user, LinkEnd.Broken);
        worker.Output(run, 10, "abcdef");
        TestPeer back = scene.Back(user);
        Assert.True(back.Welcome.Resumed);
        Assert.Equal(user.Welcome.Session, back.Welcome.Session);
        worker.Output(run, 16, "lost, for the sender has not said from where on");
        back.Send(new Reclaim(new(1), [new("demo01", 8, false)], []).Write);
        Heard credit = Assert.Single(worker.Read(MessageKind.Credit));
        Assert.Equal((8ul, true), (credit.Offset, credit.IsLast));
        worker.Output(run, 8, "89abcdef");
        worker.Finish(run, offset: 16);
        Assert.Equal([MessageKind.Output, MessageKind.Finished], back.Read().Select(heard => heard.Kind));
        Tidy.Check(scene);
    }

    [Fact]
    public void An_answer_that_came_while_its_sender_was_away_is_told_when_it_comes_back()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        user.Request(2, "demo01");
        scene.Leave(user, LinkEnd.Closed);
        foreach (Heard run in worker.Read(MessageKind.Run)) worker.Finish(run, exitCode: 5, tail: "tail");
        TestPeer back = scene.Back(user);
        back.Send(new Reclaim(new(1), [], []).Write);
        Heard end = Assert.Single(back.Read());
        Assert.Equal((5, "tail", true), (end.ExitCode, end.Text, end.IsLast));
        back.Send(new Reclaim(new(2), [], []).Write);
        Assert.Single(back.Read());
        Tidy.Check(scene);
    }

    [Fact]
    public void A_refusal_that_came_while_its_sender_was_away_is_told_when_it_comes_back()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        scene.Leave(user, LinkEnd.Closed);
        scene.Leave(worker, LinkEnd.Closed);
        TestPeer back = scene.Back(user);
        back.Send(new Reclaim(new(1), [], []).Write);
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(back.Read()).Refused!.Code);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_finished_run_whose_output_did_not_all_arrive_is_asked_for_again()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        scene.Leave(user, LinkEnd.Closed);
        worker.Output(run, 0, "0123456789");
        worker.Finish(run, offset: 10);
        TestPeer back = scene.Back(user);
        back.Send(new Reclaim(new(1), [], []).Write);
        Heard credit = Assert.Single(worker.Read(MessageKind.Credit));
        Assert.Equal((0ul, true), (credit.Offset, credit.IsLast));
        Assert.Empty(back.Read());
        worker.Output(run, 0, "0123456789");
        worker.Finish(run, offset: 10);
        Assert.Equal(["0123456789", ""], back.Read().Select(heard => heard.Text));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_finished_run_whose_output_is_gone_is_answered_all_the_same()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        scene.Leave(user, LinkEnd.Closed);
        worker.Output(run, 0, "0123456789");
        worker.Finish(run, offset: 10);
        TestPeer back = scene.Back(user);
        back.Send(new Reclaim(new(1), [], []).Write);
        scene.Pass(2100, worker, back);
        Assert.Equal(10ul, Assert.Single(back.Read()).Offset);
        Tidy.Check(scene);
    }

    [Fact]
    public void Requests_that_a_returned_sender_does_not_reclaim_are_given_up_after_the_grace()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01", timeoutMs: 60_000);
        scene.Leave(user, LinkEnd.Closed);
        TestPeer back = scene.Back(user);
        scene.Pass(5100, worker, back);
        Heard cancel = worker.Read().Single(heard => heard.Kind == MessageKind.Cancel);
        worker.Finish(cancel, outcome: Outcome.Cancelled);
        Assert.Empty(back.Read());
        Tidy.Check(scene);
    }

    [Fact]
    public void A_sender_that_comes_back_after_its_request_was_given_up_hears_that_it_was_cancelled()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01", timeoutMs: 60_000);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        scene.Leave(user, LinkEnd.Broken);
        TestPeer silent = scene.Back(user);
        scene.Pass(5100, worker, silent);
        Assert.Single(worker.Read(MessageKind.Cancel));
        TestPeer back = scene.Back(user);
        back.Send(new Reclaim(new(1), [], []).Write);
        worker.Finish(run, exitCode: 143, outcome: Outcome.Cancelled);
        Assert.Equal((Outcome.Cancelled, true), back.Read().Select(end => (end.Outcome, end.IsLast)).Single());
        Tidy.Check(scene);
    }

    [Fact]
    public void A_session_that_was_taken_over_without_requests_is_still_looked_after()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.Back(scene.User());
        user.Request(1, "demo01", timeoutMs: 60_000);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        scene.Leave(user, LinkEnd.Closed);
        scene.Pass(5100, worker);
        worker.Finish(run, outcome: Outcome.Cancelled);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_request_that_the_broker_does_not_know_is_refused_as_lost()
    {
        var scene = new Scene();
        scene.Pass(60_000);
        TestPeer user = scene.User();
        user.Send(new Reclaim(new(9), [], []).Write);
        Assert.Equal(ErrorCode.BrokerLost, Assert.Single(user.Read()).Refused!.Code);
        Tidy.Check(scene);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_restart_a_held_run_and_its_reclaimed_request_find_each_other(bool workerFirst)
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Output(run, 0, "0123456789");
        scene.Restart();
        TestPeer client = null!, back = null!;
        HeldRun[] held = [new(new(run.Id), user.Welcome.Session, new(1), 0, "dc1")];
        if (workerFirst) back = scene.Worker("demo01", held: held);
        client = scene.Back(user);
        client.Send(new Reclaim(new(1), [new("demo01", 6, false)], []).Write);
        if (!workerFirst) back = scene.Worker("demo01", held: held);
        Heard credit = Assert.Single(back.Read(MessageKind.Credit));
        Assert.Equal((run.Id, 6ul, true), (credit.Id, credit.Offset, credit.IsLast));
        back.Output(run, 6, "6789");
        back.Finish(run, exitCode: 4, offset: 10);
        List<Heard> heard = client.Read();
        Assert.Equal("6789", heard[0].Text);
        Assert.Equal((4, true, "demo01"), (heard[1].ExitCode, heard[1].IsLast, heard[1].Worker));
        Tidy.Check(scene);
    }

    [Fact]
    public void After_a_restart_a_reclaimed_request_that_nobody_holds_is_refused_as_lost_after_the_grace()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        user.Send(new Reclaim(new(1), [], []).Write);
        Assert.Empty(user.Read());
        scene.Pass(5100, user);
        Assert.Equal(ErrorCode.BrokerLost, Assert.Single(user.Read()).Refused!.Code);
        Tidy.Check(scene);
    }

    [Fact]
    public void After_a_restart_a_held_run_whose_sender_does_not_come_back_is_ended()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1, held: [new(new(77), new(5), new(1), 0, "dc1")]);
        Assert.Empty(worker.Read());
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 60_000);
        Assert.Empty(worker.Read());
        scene.Pass(5100, worker, user);
        Assert.Equal([MessageKind.Cancel, MessageKind.Run], worker.Read().Select(heard => heard.Kind));
    }

    [Fact]
    public void After_a_restart_mirrored_workers_that_do_not_come_back_are_named_as_lost()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "all");
        Heard run = Assert.Single(one.Read(MessageKind.Run));
        two.FinishAll();
        scene.Restart();
        TestPeer client = scene.Back(user);
        client.Send(new Reclaim(new(1), [new("demo02", 0, true)], []).Write);
        TestPeer back = scene.Worker("demo01", held: [new(new(run.Id), user.Welcome.Session, new(1), 0, "all")]);
        back.Finish(run);
        Assert.False(Assert.Single(client.Read()).IsLast);
        scene.Pass(5100, client, back);
        Heard end = Assert.Single(client.Read());
        Assert.Equal((Outcome.WorkerLost, "demo03", true), (end.Outcome, end.Worker, end.IsLast));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_second_process_with_the_same_jwt_gets_a_session_of_its_own()
    {
        var scene = new Scene();
        TestPeer first = scene.User();
        TestPeer second = scene.Join().SignIn(new(
            PeerRole.Client, "team1", "hp", ProofKind.Jwt, first.Welcome.Jwt, "test", Link: 4242));
        Assert.NotEqual(first.Welcome.Session, second.Welcome.Session);
        Assert.False(second.Welcome.Resumed);
        Assert.False(first.IsDismissed);
    }

    [Fact]
    public void A_link_that_comes_back_before_its_old_connection_is_found_dead_takes_its_session_over()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "demo01");
        TestPeer back = scene.Back(user);
        Assert.True(back.Welcome.Resumed);
        Assert.True(user.IsDismissed);
        scene.Leave(user, LinkEnd.Dismissed);
        back.Send(new Reclaim(new(1), [], []).Write);
        Assert.Equal(1, worker.FinishAll());
        Assert.True(Assert.Single(back.Read()).IsLast);
        Tidy.Check(scene);
    }
}
