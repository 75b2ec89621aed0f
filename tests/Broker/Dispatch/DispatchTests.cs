using TriggerFs.Broker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Dispatch;

public sealed class DispatchTests
{
    [Fact]
    public void Roundrobin_spreads_requests_evenly_over_three_workers()
    {
        var scene = new Scene();
        TestPeer[] workers = [scene.Worker("demo01", 100), scene.Worker("demo02", 100), scene.Worker("demo03", 100)];
        TestPeer user = scene.User();
        for (ulong i = 1; i <= 100; i++) user.Request(i, "dc1");
        int[] counts = [.. workers.Select(worker => worker.FinishAll())];
        Assert.Equal(100, counts.Sum());
        Assert.True(counts.Max() - counts.Min() <= 1);
        Assert.Equal(100, user.Read(MessageKind.Finished).Count(end => end.IsLast));
        Tidy.Check(scene);
    }

    [Fact]
    public void Roundrobin_passes_over_a_worker_that_has_no_job_free()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01", jobs: 1), two = scene.Worker("demo02", jobs: 10);
        TestPeer user = scene.User();
        for (ulong i = 1; i <= 5; i++) user.Request(i, "dc1");
        Assert.Single(one.Read(MessageKind.Run));
        Assert.Equal(4, two.Read(MessageKind.Run).Count);
    }

    [Fact]
    public void A_request_waits_in_the_broker_until_a_job_is_free_and_the_oldest_goes_first()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Request(2, "demo01");
        user.Request(3, "dc1");
        for (ulong i = 1; i <= 3; i++)
        {
            Heard run = Assert.Single(worker.Read(MessageKind.Run));
            Assert.Equal(i, run.Request);
            worker.Finish(run);
        }
        Tidy.Check(scene);
    }

    [Fact]
    public void Serial_runs_on_one_worker_after_another_in_the_order_in_which_they_were_attached()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "steps");
        foreach (TestPeer worker in new[] { two, one, three })
        {
            TestPeer[] others = [.. new[] { one, two, three }.Where(other => other != worker)];
            Assert.All(others, other => Assert.Empty(other.Read(MessageKind.Run)));
            worker.Finish(Assert.Single(worker.Read(MessageKind.Run)));
        }
        List<Heard> ends = user.Read(MessageKind.Finished);
        Assert.Equal(["demo02", "demo01", "demo03"], ends.Select(end => end.Worker));
        Assert.Equal([false, false, true], ends.Select(end => end.IsLast));
        Tidy.Check(scene);
    }

    [Fact]
    public void Serial_goes_on_after_a_failure_unless_the_service_says_stop()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "steps");
        Assert.Equal(1, two.FinishAll(exitCode: 3));
        Assert.Equal(1, one.FinishAll());
        Assert.Equal(1, three.FinishAll());
        Assert.Equal([3, 0, 0], user.Read(MessageKind.Finished).Select(end => end.ExitCode));
    }

    [Fact]
    public void Serial_stops_at_a_failure_when_the_service_says_so_and_names_who_did_not_run()
    {
        var scene = new Scene(Scene.Team(service => service with { OnFailure = OnFailure.Stop }));
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "steps");
        two.FinishAll(exitCode: 3);
        Heard end = Assert.Single(user.Read(MessageKind.Finished));
        Assert.True(end.IsLast);
        Assert.Equal(3, end.ExitCode);
        Assert.Contains("demo01 demo03", end.Detail);
        Assert.Equal(0, one.FinishAll() + three.FinishAll());
        Tidy.Check(scene);
    }

    [Fact]
    public void Mirror_reaches_every_worker_at_once_and_the_last_answer_ends_it()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02"), three = scene.Worker("demo03");
        TestPeer user = scene.User();
        user.Request(1, "all", flags: Request.TellDispatch);
        Dispatched dispatched = Dispatched.Read(Assert.Single(user.Read()).Message);
        Assert.Equal(3, dispatched.Workers);
        Heard[] runs = [.. new[] { one, two, three }.Select(worker => Assert.Single(worker.Read(MessageKind.Run)))];
        three.Finish(runs[2]);
        one.Finish(runs[0]);
        Assert.DoesNotContain(user.Read(MessageKind.Finished), end => end.IsLast);
        two.Finish(runs[1]);
        Assert.True(Assert.Single(user.Read(MessageKind.Finished)).IsLast);
        Tidy.Check(scene);
    }

    [Theory]
    [InlineData("all")]
    [InlineData("steps")]
    public void The_sender_learns_which_workers_of_the_service_are_offline(string service)
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, service);
        worker.FinishAll();
        List<Heard> ends = user.Read(MessageKind.Finished);
        Assert.Equal(3, ends.Count);
        Assert.Equal(["demo02", "demo03"],
            ends.Where(end => end.Outcome == Outcome.Offline).Select(end => end.Worker));
        Assert.Single(ends, end => end.IsLast);
        Assert.True(ends[^1].IsLast);
        Tidy.Check(scene);
    }

    [Theory]
    [InlineData("dc1")]
    [InlineData("steps")]
    [InlineData("all")]
    [InlineData("demo01")]
    public void Without_a_worker_online_a_request_is_refused_at_once(string service)
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        user.Request(1, service);
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read(MessageKind.Refused)).Refused!.Code);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_refusal_for_no_worker_says_how_many_are_attached_and_who_was_heard_of_last()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        scene.Leave(scene.Worker("demo02"), LinkEnd.Closed);
        scene.Pass(1000, user);
        scene.Leave(scene.Worker("demo01"), LinkEnd.Closed);
        scene.Pass(41_000, user);
        user.Request(1, "dc1");
        Refused refused = Assert.Single(user.Read(MessageKind.Refused)).Refused!;
        Assert.Equal("no worker is online for service 'dc1'", refused.What);
        Assert.Equal("3 workers are attached; the last heartbeat, from demo01, came 41 s ago", refused.Why);
        Assert.Contains("triggerfs worker -identity demo01", refused.Fix);
    }

    [Fact]
    public void A_worker_that_has_not_announced_a_service_gets_none_of_its_requests()
    {
        var scene = new Scene();
        TestPeer silent = scene.SignedIn("demo02");
        silent.Send(new Announce(4, ["steps"], []).Write);
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read(MessageKind.Refused)).Refused!.Code);
        user.Request(2, "demo02");
        Assert.Equal(1, silent.FinishAll());
    }

    [Fact]
    public void A_worker_that_announces_no_jobs_gets_nothing_more()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Request(2, "dc1");
        worker.Announce(jobs: 0);
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read(MessageKind.Refused)).Refused!.Code);
        Assert.Equal(1, worker.FinishAll());
        Tidy.Check(scene);
    }

    [Fact]
    public void All_runs_of_a_session_share_the_output_that_may_wait_for_its_reader()
    {
        const int Runs = 200;
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: Runs);
        TestPeer user = scene.User();
        for (ulong i = 1; i <= Runs; i++) user.Request(i, "dc1");
        long[] windows = [.. worker.Read(MessageKind.Run).Select(run => (long)Run.Read(run.Message).Window)];
        Assert.Equal(Limits.OutputWindow, windows[0]);
        Assert.All(windows, window => Assert.InRange(window, Limits.OutputWindowMin, Limits.OutputWindow));
        Assert.InRange(windows.Sum(), Limits.SessionOutputMax, Limits.PeerQueueMax);
    }

    [Fact]
    public void A_worker_that_does_not_read_gets_no_more_than_its_queue_may_hold()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 100);
        TestPeer user = scene.User();
        string large = new('x', 64 * 1024);
        for (ulong i = 1; i <= 10; i++) user.Request(i, "dc1", large);
        List<Heard> runs = worker.Read(MessageKind.Run);
        Assert.InRange(runs.Count, 1, 2);
        worker.Started(runs[0]);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void While_several_send_to_a_worker_one_large_message_waits_to_be_read_and_not_two()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Team }));
        TestPeer worker = scene.Worker("demo01", jobs: 100);
        TestPeer user = scene.User(), other = scene.User("alice");
        string large = new('x', 64 * 1024);
        ulong next = 0;
        for (int i = 0; i < 100; i++)
        {
            user.Request(++next, "dc1", large);
            foreach (Heard run in worker.Read(MessageKind.Run)) worker.Finish(run);
        }
        for (int i = 0; i < 4; i++) user.Request(++next, "dc1", large);
        List<Heard> alone = worker.Read(MessageKind.Run);
        Assert.Equal(2, alone.Count);
        other.Request(1, "dc1", payload: "small");
        worker.Started(alone[0]);
        List<Heard> shared = worker.Read(MessageKind.Run);
        Assert.Equal([large, "small"], shared.Select(run => run.Text));
        worker.Started(alone[1]);
        Assert.Empty(worker.Read(MessageKind.Run));
        worker.Started(shared[0]);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Theory]
    [InlineData("dc1")]
    [InlineData("all")]
    public void A_small_message_whose_turn_it_is_does_not_wait_for_the_room_that_a_large_one_needs(string service)
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Team }));
        TestPeer worker = scene.Worker("demo01", jobs: 100);
        TestPeer user = scene.User(), other = scene.User("alice");
        other.Request(1, service, payload: "first");
        worker.Finish(Assert.Single(worker.Read(MessageKind.Run)));
        string large = new('x', 64 * 1024);
        for (ulong i = 1; i <= 4; i++) user.Request(i, service, large);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        Assert.Single(worker.Read(MessageKind.Run)); // The large ones' turn of this round.
        other.Request(2, service, payload: "small");
        Assert.Equal("small", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Fact]
    public void A_message_larger_than_what_a_worker_may_leave_unread_goes_to_it_alone()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 100);
        TestPeer user = scene.User();
        string large = new('x', Limits.PayloadMax);
        for (ulong i = 1; i <= 3; i++) user.Request(i, "dc1", large);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void Many_workers_get_a_large_message_one_after_another_as_others_have_read_theirs()
    {
        long[] ids = [.. Enumerable.Range(201, 6).Select(id => (long)id)];
        StoredState state = Sample.State with
        {
            Workers = [.. ids.Select(id => Sample.Worker(id, $"w{id}"))],
            Services = [Sample.Service(23, "all", ids) with { Algorithm = Algorithm.Mirror }],
            LastId = 300,
        };
        var scene = new Scene(state, BrokerOptions.Default with { WorkersUnreadMax = 3_000_000 });
        TestPeer[] workers = [.. ids.Select(id => scene.Worker($"w{id}"))];
        scene.User().Request(1, "all", new('x', 900_000));
        Heard[][] given = [.. workers.Select(worker => worker.Read(MessageKind.Run).ToArray())];
        Assert.Equal([1, 1, 1, 0, 0, 0], given.Select(runs => runs.Length));
        workers[0].Started(given[0][0]);
        Assert.Equal([0, 0, 0, 1, 0, 0], workers.Select(worker => worker.Read(MessageKind.Run).Count));
        scene.Leave(workers[1], LinkEnd.Broken); // It will never read what it was given.
        scene.Pass(100);
        Assert.Equal([0, 0, 0, 0, 1, 0], workers.Select(worker => worker.Read(MessageKind.Run).Count));
    }

    [Fact]
    public void A_worker_attached_while_it_is_online_takes_part_at_once()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Send(new Manage(new(1), Verb.Add, ObjectKind.Service, "empty", "workers", ["demo01"]).Write);
        scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(user.Read()).Kind);
        Assert.Contains("empty", Assigned.Read(worker.All[^1].Message).Services);
        user.Request(2, "empty"); // It has not answered what it was told.
        Assert.Equal(1, worker.FinishAll());
        worker.Announce();
        user.Request(3, "empty");
        Assert.Equal(1, worker.FinishAll());
    }
}
