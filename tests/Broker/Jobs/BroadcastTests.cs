using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Jobs;

/// <summary>A broadcast reaches every worker that is online, and is answered when they have taken it.</summary>
public sealed class BroadcastTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void It_is_over_when_every_worker_has_taken_it_though_they_still_run()
    {
        TestPeer[] workers = [.. Workers("demo01", "demo02", "demo03")];
        TestPeer user = Broadcast();
        Heard[] runs = [.. workers.Select(worker => Assert.Single(worker.Read(MessageKind.Run)))];
        foreach ((TestPeer worker, Heard run) in workers.Zip(runs)) worker.Started(run);
        List<Heard> ends = user.Read();
        Assert.Equal(["demo01", "demo02", "demo03"], ends.Select(end => end.Worker));
        Assert.All(ends, end => Assert.Equal(Outcome.Taken, end.Outcome));
        Assert.Equal([false, false, true], ends.Select(end => end.IsLast));
        foreach ((TestPeer worker, Heard run) in workers.Zip(runs)) worker.Finish(run, exitCode: 3);
        Assert.Empty(user.Read());
        Tidy.Check(_scene);
    }

    [Fact]
    public void Whoever_is_offline_is_told_by_name()
    {
        TestPeer worker = _scene.Worker("demo02");
        TestPeer user = Broadcast();
        worker.Started(Assert.Single(worker.Read(MessageKind.Run)));
        Assert.Equal(
            [("demo01", Outcome.Offline), ("demo02", Outcome.Taken), ("demo03", Outcome.Offline)],
            user.Read().Select(end => (end.Worker, end.Outcome)).Order());
    }

    [Fact]
    public void It_reaches_workers_that_were_attached_a_moment_ago_though_they_have_not_said_that_they_know()
    {
        TestPeer first = _scene.Worker("demo01"), second = _scene.Worker("demo02"), admin = _scene.User();
        string[] statements = ["", "demo01", "demo02"];
        for (ulong i = 0; i < 3; i++)
            admin.Send((i == 0 ? new Manage(new(90), Verb.Create, ObjectKind.Service, "fresh", "", [])
                : new Manage(new(90 + i), Verb.Add, ObjectKind.Service, "fresh", Properties.Workers, [statements[i]]))
                .Write);
        _scene.Settle();
        first.Send(new Announce(4, ["dc1"], []).Write); // It crossed what the worker is told.
        admin.Request(1, "fresh", flags: Request.Broadcast);
        foreach (TestPeer worker in (TestPeer[])[first, second])
        {
            // The run comes behind that it serves it.
            List<Heard> heard = worker.Read();
            Assert.Contains("fresh", Assigned.Read(heard[^2].Message).Services);
            Assert.Equal(MessageKind.Run, heard[^1].Kind);
            worker.Started(heard[^1]);
        }
        Assert.Equal([Outcome.Taken, Outcome.Taken],
            admin.Read(MessageKind.Finished).Select(end => end.Outcome));
    }

    [Fact]
    public void A_worker_that_does_not_announce_a_service_gets_nothing_of_it_a_while_after_it_was_attached()
    {
        TestPeer worker = _scene.Worker("demo01"), admin = _scene.User();
        admin.Send(new Manage(new(90), Verb.Create, ObjectKind.Service, "fresh", "", []).Write);
        admin.Send(new Manage(new(91), Verb.Add, ObjectKind.Service, "fresh", Properties.Workers, ["demo01"]).Write);
        _scene.Settle();
        _scene.Pass(6000, worker, admin);
        worker.Send(new Announce(4, [], []).Write);
        admin.Read();
        admin.Request(1, "fresh", flags: Request.Broadcast);
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(admin.Read()).Refused!.Code);
    }

    [Fact]
    public void Nobody_online_is_a_refusal()
    {
        TestPeer user = Broadcast();
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read()).Refused!.Code);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_worker_that_is_busy_for_too_long_has_not_taken_it()
    {
        TestPeer busy = _scene.Worker("demo01", jobs: 1);
        TestPeer free = _scene.Worker("demo02");
        TestPeer user = _scene.User();
        user.Request(1, "demo01", timeoutMs: 60_000);
        Heard hog = Assert.Single(busy.Read(MessageKind.Run));
        busy.Started(hog);
        user.Request(2, "dc1", flags: Request.Broadcast);
        Heard taken = Assert.Single(free.Read(MessageKind.Run));
        free.Started(taken);
        _scene.Pass((long)Limits.BroadcastTakeMax.TotalMilliseconds + 100, busy, free, user);
        Assert.Contains(user.Read(), end => (end.Worker, end.Outcome) == ("demo01", Outcome.TimedOut));
        busy.Finish(hog);
        Assert.Empty(busy.Read(MessageKind.Run));
        free.Finish(taken);
        Tidy.Check(_scene);
    }

    [Fact]
    public void When_all_are_busy_nobody_took_it()
    {
        TestPeer busy = _scene.Worker("demo01", jobs: 1);
        TestPeer user = _scene.User();
        user.Request(1, "demo01", timeoutMs: 60_000);
        busy.Started(Assert.Single(busy.Read(MessageKind.Run)));
        user.Request(2, "demo01", flags: Request.Broadcast);
        _scene.Pass((long)Limits.BroadcastTakeMax.TotalMilliseconds + 100, busy, user);
        Heard refused = Assert.Single(user.Read());
        Assert.Equal((2ul, ErrorCode.TimedOut), (refused.Id, refused.Refused!.Code));
    }

    [Fact]
    public void A_plugin_that_is_not_there_is_told_by_the_worker_that_lacks_it()
    {
        TestPeer[] workers = [.. Workers("demo01", "demo02")];
        TestPeer user = Broadcast();
        workers[0].Finish(Assert.Single(workers[0].Read(MessageKind.Run)), 127, outcome: Outcome.NotStarted);
        workers[1].Finish(Assert.Single(workers[1].Read(MessageKind.Run)), tail: "an answer within the call");
        List<Heard> ends = user.Read();
        Assert.Contains(ends, end => (end.Worker, end.Outcome, end.ExitCode) == ("demo01", Outcome.NotStarted, 127));
        Assert.Contains(ends, end => (end.Worker, end.Outcome, end.ExitCode) == ("demo02", Outcome.Taken, 0));
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_run_that_was_taken_fills_a_job_of_its_worker_until_its_end()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        TestPeer user = _scene.User();
        user.Request(1, "demo01", flags: Request.Broadcast);
        Heard taken = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(taken);
        user.Request(2, "demo01");
        Assert.Empty(worker.Read(MessageKind.Run));
        worker.Finish(taken);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_worker_that_went_away_before_it_took_it_did_not_take_it()
    {
        TestPeer[] workers = [.. Workers("demo01", "demo02")];
        TestPeer user = Broadcast();
        workers[1].Started(Assert.Single(workers[1].Read(MessageKind.Run)));
        _scene.Leave(workers[0], LinkEnd.Closed);
        Assert.Contains(user.Read(), end => (end.Worker, end.Outcome) == ("demo01", Outcome.Offline));
    }

    [Fact]
    public void A_run_that_was_taken_goes_on_over_a_broken_link_and_over_a_restart()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        TestPeer user = _scene.User();
        user.Request(1, "demo01", flags: Request.Broadcast);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        Assert.Equal(SessionId.None, run.Session);
        var held = new HeldRun(new(run.Id), SessionId.None, default, Offset: 0, "demo01");
        _scene.Leave(worker, LinkEnd.Broken);
        Kept(_scene.Worker("demo01", jobs: 1, [held]));
        _scene.Restart();
        Kept(_scene.Worker("demo01", jobs: 1, [held]));

        void Kept(TestPeer back)
        {
            Assert.Empty(back.Read(MessageKind.Cancel));
            TestPeer other = _scene.User();
            other.Request(9, "demo01");
            Assert.Empty(back.Read(MessageKind.Run)); // Its one job is filled.
            other.Cancel(9);
        }
    }

    private IEnumerable<TestPeer> Workers(params string[] names) => names.Select(name => _scene.Worker(name));

    private TestPeer Broadcast()
    {
        TestPeer user = _scene.User();
        user.Request(1, "dc1", flags: Request.Broadcast);
        return user;
    }
}
