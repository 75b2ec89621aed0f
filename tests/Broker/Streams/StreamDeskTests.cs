using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Streams;

/// <summary>Who hears what of a stream, who runs it, and when it ends.</summary>
public sealed class StreamDeskTests
{
    private readonly Scene _scene = new();

    [Fact]
    public void All_who_listen_to_the_same_share_one_run()
    {
        TestPeer worker = _scene.Worker("demo01");
        TestPeer[] users = [.. Enumerable.Range(0, 50).Select(_ => _scene.User())];
        foreach (TestPeer user in users) user.Listen(1);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(0u, run.TimeoutMs);
        worker.Started(run);
        worker.Output(run, 0, "one\n");
        worker.Output(run, 4, "two\n");
        Assert.All(users, user => Assert.Equal("one\ntwo\n", TextOf(user.Read())));
        foreach (TestPeer user in users[1..]) user.Cancel(1);
        Assert.Empty(worker.Read(MessageKind.Cancel));
        users[0].Cancel(1);
        Assert.Equal(run.Id, Assert.Single(worker.Read(MessageKind.Cancel)).Id);
        worker.Finish(run, outcome: Outcome.Cancelled, offset: 8);
        Tidy.Check(_scene);
    }

    [Fact]
    public void The_order_of_arguments_does_not_make_another_stream_and_other_arguments_do()
    {
        TestPeer worker = _scene.Worker("demo01");
        TestPeer user = _scene.User();
        user.Listen(1, args: [("path", "/a"), ("follow", "true")]);
        user.Listen(2, args: [("follow", "true"), ("path", "/a")]);
        Assert.Single(worker.Read(MessageKind.Run));
        user.Listen(3, args: [("path", "/b"), ("follow", "true")]);
        user.Listen(4, plugin: "other", args: [("path", "/a"), ("follow", "true")]);
        Assert.Equal(2, worker.Read(MessageKind.Run).Count);
    }

    [Fact]
    public void One_who_comes_later_hears_from_there_or_what_he_asks_for_of_before()
    {
        (TestPeer worker, Heard run, TestPeer first) = Running();
        worker.Output(run, 0, "one\ntwo\n");
        _scene.Pass(60_000, worker, first);
        worker.Output(run, 8, "three\n");
        Assert.Equal("", Joined());
        Assert.Equal("three\n", Joined(last: 1));
        Assert.Equal("two\nthree\n", Joined(last: 2));
        Assert.Equal("three\n", Joined(last: Listen.AllLines, ageMs: 30_000));
        Assert.Equal("one\ntwo\nthree\n", Joined(last: Listen.AllLines, ageMs: 90_000));
        Assert.Equal("one\ntwo\nthree\n", Joined(last: Listen.AllLines));

        string Joined(uint last = 0, ulong ageMs = 0)
        {
            TestPeer user = _scene.User();
            user.Listen(1, last: last, ageMs: ageMs);
            return TextOf(user.Read());
        }
    }

    [Fact]
    public void When_the_plugin_ends_so_does_the_stream_with_its_exit_code()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        worker.Output(run, 0, "last words\n");
        worker.Finish(run, exitCode: 3, offset: 11);
        List<Heard> heard = user.Read();
        Assert.Equal("last words\n", TextOf(heard));
        Assert.Equal((Outcome.Done, 3, true, "demo01"), (heard[^1].Outcome, heard[^1].ExitCode, heard[^1].IsLast,
            heard[^1].Worker));
        Tidy.Check(_scene);
        user.Listen(2);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_plugin_that_is_no_stream_ends_with_the_workers_refusal()
    {
        TestPeer worker = _scene.Worker("demo01");
        TestPeer user = _scene.User();
        user.Listen(1);
        worker.Finish(Assert.Single(worker.Read(MessageKind.Run)), 126, outcome: Outcome.NotStarted);
        Assert.Equal((Outcome.NotStarted, 126), (user.Read()[^1].Outcome, user.All[^1].ExitCode));
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_lost_worker_is_followed_by_the_next_one_and_who_listens_hears_of_it()
    {
        (TestPeer first, Heard run, TestPeer user) = Running();
        TestPeer second = _scene.Worker("demo02");
        first.Output(run, 0, "one\n");
        _scene.Leave(first, LinkEnd.Broken);
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds + 200, second, user);
        Heard next = Assert.Single(second.Read(MessageKind.Run));
        second.Started(next);
        second.Output(next, 0, "two\n");
        List<Heard> heard = user.Read(MessageKind.Output);
        Assert.Equal("one\ntwo\n", TextOf(heard));
        Assert.Equal(["worker demo01 was lost\n", "worker demo02 goes on\n"], Notices(heard));
        // Offsets go on without a gap.
        for (int i = 1; i < heard.Count; i++)
            Assert.Equal(heard[i - 1].Offset + (ulong)heard[i - 1].Text.Length, heard[i].Offset);
        user.Cancel(1);
        second.Finish(next, outcome: Outcome.Cancelled, offset: 4);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_worker_that_comes_back_in_time_goes_on_and_nothing_is_missing_or_twice()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        worker.Output(run, 0, "one\n");
        _scene.Leave(worker, LinkEnd.Broken);
        TestPeer back = _scene.Worker("demo01", held: [new(new(run.Id), run.Session, new(run.Request), 0, "dc1")]);
        Heard credit = Assert.Single(back.Read(MessageKind.Credit));
        Assert.True(credit.IsLast); // A replay.
        back.Output(run, credit.Offset, "one\ntwo\n"[(int)credit.Offset..]);
        Assert.Equal("one\ntwo\n", TextOf(user.Read()));
    }

    [Fact]
    public void After_a_restart_of_the_broker_what_a_worker_still_runs_is_ended_and_the_stream_starts_anew()
    {
        (_, Heard run, _) = Running();
        _scene.Restart();
        TestPeer user = _scene.User();
        user.Listen(1, from: 77, wait: true);
        TestPeer back = _scene.Worker("demo01", held: [new(new(run.Id), run.Session, new(run.Request), 0, "dc1")]);
        Assert.Equal(run.Id, Assert.Single(back.All, heard => heard.Kind == MessageKind.Cancel).Id);
        _scene.Pass(1000, back, user);
        Heard anew = Assert.Single(back.Read(MessageKind.Run));
        back.Started(anew);
        back.Output(anew, 0, "anew\n");
        Assert.Equal("anew\n", TextOf(user.Read()));
    }

    [Fact]
    public void Without_a_worker_it_is_refused_unless_one_wants_to_wait()
    {
        TestPeer user = _scene.User();
        user.Listen(1);
        Assert.Equal(ErrorCode.NoWorker, Assert.Single(user.Read()).Refused!.Code);
        Tidy.Check(_scene);
        user.Listen(2, wait: true);
        Assert.Equal(["no worker is online; waiting for one\n"], Notices(user.Read()));
        TestPeer worker = _scene.Worker("demo01");
        _scene.Pass(1000, user, worker);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void When_the_last_worker_is_lost_those_who_listen_wait_for_one()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        worker.Output(run, 0, "one\n");
        _scene.Leave(worker, LinkEnd.Broken);
        _scene.Pass(20_000, user);
        Assert.Equal(["worker demo01 was lost\n", "no worker is online; waiting for one\n"], Notices(user.Read()));
        TestPeer back = _scene.Worker("demo01");
        _scene.Pass(1000, user, back);
        Assert.Single(back.Read(MessageKind.Run));
        Assert.Equal(["worker demo01 goes on\n"], Notices(user.Read()));
    }

    [Fact]
    public void A_stream_that_waits_for_a_free_job_says_so()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        TestPeer user = _scene.User();
        user.Request(1, "dc1");
        Heard hog = Assert.Single(worker.Read(MessageKind.Run));
        user.Listen(2);
        Assert.Equal(["no worker has a job free; waiting for one\n"], Notices(user.Read()));
        worker.Finish(hog);
        Assert.Single(worker.Read(MessageKind.Run));
        user.Cancel(2);
        Assert.Single(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void One_whose_link_broke_goes_on_where_he_was()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        worker.Output(run, 0, "one\n");
        Heard last = user.Read(MessageKind.Output)[^1];
        _scene.Leave(user, LinkEnd.Broken);
        worker.Output(run, 4, "two\n");
        TestPeer back = _scene.Back(user);
        back.Listen(2, from: last.Offset + 4, wait: true);
        worker.Output(run, 8, "three\n");
        Assert.Equal("two\nthree\n", TextOf(back.Read()));
        Assert.Empty(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void A_stream_whose_last_listener_lost_his_link_is_given_up_after_a_while()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        _scene.Leave(user, LinkEnd.Broken);
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds - 200, worker);
        Assert.Empty(worker.Read(MessageKind.Cancel));
        _scene.Pass(300, worker);
        Assert.Single(worker.Read(MessageKind.Cancel));
        worker.Finish(run, outcome: Outcome.Cancelled);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_slow_listener_is_cut_off_and_the_others_get_everything()
    {
        (TestPeer worker, Heard run, TestPeer slow) = Running();
        TestPeer fast = _scene.User();
        fast.Listen(1);
        var pump = new Pump(worker, run);
        ulong got = 0;
        for (int i = 0; i < 200; i++)
        {
            pump.Write();
            got += Consume(fast);
            _scene.Pass(50, worker, fast, slow);
        }
        Heard cut = Assert.Single(slow.Read(), heard => heard.Refused is not null);
        Assert.Equal(ErrorCode.Busy, cut.Refused!.Code);
        pump.Write();
        got += Consume(fast);
        Assert.DoesNotContain(fast.All, heard => heard.Refused is not null);
        Assert.Equal(pump.Written, got);
        Assert.True(pump.Written > 3 * Limits.StreamBytesMax, $"only {pump.Written} bytes were written");
        fast.Cancel(1);
        Assert.Single(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void Where_all_are_slow_the_plugin_waits_and_nobody_is_cut_off()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        var pump = new Pump(worker, run);
        for (int i = 0; i < 100; i++)
        {
            pump.Write();
            _scene.Pass(200, worker, user);
        }
        Assert.DoesNotContain(user.All, heard => heard.Refused is not null);
        Assert.InRange(pump.Written, 1UL, (ulong)Limits.StreamBytesMax + Limits.ListenerWindow + 65_536);
        ulong got = 0;
        for (int i = 0; i < 100; i++) got += Consume(user);
        Assert.Equal(pump.Written, got);
        ulong before = pump.Written;
        pump.Write();
        Assert.True(pump.Written > before);
    }

    [Fact]
    public void What_a_worker_may_have_under_way_is_bounded_and_so_is_what_one_gets_unread()
    {
        (TestPeer worker, Heard run, TestPeer user) = Running();
        Assert.Equal((uint)Limits.StreamWindow, Run.Read(run.Message).Window);
        new Pump(worker, run).Write();
        int sent = user.Read(MessageKind.Output).Sum(heard => heard.Text.Length);
        Assert.InRange(sent, Limits.ListenerWindow, Limits.ListenerWindow + Limits.OutputChunkMax);
    }

    [Fact]
    public void Who_may_not_use_the_service_may_not_listen_to_it()
    {
        _scene.Worker("demo01");
        TestPeer stranger = _scene.User("mallory", "team2");
        stranger.Listen(1, "team1/dc1");
        Assert.Equal(ErrorCode.NotFound, Assert.Single(stranger.Read()).Refused!.Code);
    }

    [Fact]
    public void A_public_service_may_be_listened_to_as_often_as_its_rate_says()
    {
        var scene = new Scene(Scene.Team(service => service with
        {
            Visibility = Visibility.Public,
            Rate = new Rate(1, 60_000),
        }));
        TestPeer worker = scene.Worker("demo01");
        TestPeer stranger = scene.User("mallory", "team2");
        stranger.Listen(1, "team1/dc1");
        Assert.Single(worker.Read(MessageKind.Run));
        stranger.Listen(2, "team1/dc1");
        Assert.Equal(ErrorCode.Busy, Assert.Single(stranger.Read(), heard => heard.Refused is not null).Refused!.Code);
    }

    [Fact]
    public void More_streams_than_a_session_may_hear_are_refused_and_so_is_a_number_that_is_in_use()
    {
        _scene.Worker("demo01", jobs: 200);
        TestPeer user = _scene.User();
        for (int i = 1; i <= Limits.ListenersPerSessionMax; i++) user.Listen((ulong)i, args: ("n", $"{i}"));
        Assert.DoesNotContain(user.Read(), heard => heard.Refused is not null);
        user.Listen(1000);
        Assert.Equal(ErrorCode.Busy, Assert.Single(user.Read()).Refused!.Code);
        TestPeer other = _scene.User();
        other.Listen(1);
        other.Listen(1);
        Assert.Equal(ErrorCode.Exists, Assert.Single(other.Read(), heard => heard.Refused is not null).Refused!.Code);
        other.Request(1, "dc1");
        Assert.Equal(ErrorCode.Exists, Assert.Single(other.Read()).Refused!.Code);
    }

    [Fact]
    public void More_streams_than_the_broker_keeps_are_refused_as_busy()
    {
        _scene.Worker("demo01", jobs: 200);
        for (int i = 0; i < Limits.StreamsMax; i++) _scene.User().Listen(1, args: ("n", $"{i}"));
        TestPeer user = _scene.User();
        user.Listen(1);
        Assert.Equal(ErrorCode.Busy, Assert.Single(user.Read()).Refused!.Code);
    }

    private (TestPeer Worker, Heard Run, TestPeer User) Running()
    {
        TestPeer worker = _scene.Worker("demo01");
        TestPeer user = _scene.User();
        user.Listen(1);
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        return (worker, run, user);
    }

    /// <summary>Takes in what has come, and says so; how many bytes it was.</summary>
    private static ulong Consume(TestPeer user)
    {
        ulong bytes = 0;
        while (user.Read(MessageKind.Output) is { Count: > 0 } fresh)
        {
            bytes += (ulong)fresh.Sum(output => output.Text.Length);
            user.Credit(1, fresh[^1].Offset + (ulong)fresh[^1].Text.Length, "");
        }
        return bytes;
    }

    private static string TextOf(List<Heard> heard) =>
        string.Concat(heard.Where(one => one.Kind == MessageKind.Output && !one.IsNotice).Select(one => one.Text));

    private static string[] Notices(List<Heard> heard) =>
        [.. heard.Where(one => one.IsNotice).Select(one => one.Text)];

    /// <summary>A worker that writes as much as its credit allows.</summary>
    private sealed class Pump(TestPeer worker, Heard run)
    {
        private readonly string _piece = new string('x', 16 * 1024 - 1) + "\n";
        private ulong _credited;

        public ulong Written { get; private set; }

        public void Write()
        {
            do
            {
                Take();
                if (Written + (ulong)_piece.Length - _credited > Limits.StreamWindow) return;
                worker.Output(run, Written, _piece);
                Written += (ulong)_piece.Length;
            }
            while (Written < 64 * Limits.StreamBytesMax && Written % Limits.StreamBytesMax != 0);
        }

        private void Take()
        {
            foreach (Heard credit in worker.Read(MessageKind.Credit)) _credited = Math.Max(_credited, credit.Offset);
        }
    }
}
