using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.State;

public sealed class RequestTests
{
    [Fact]
    public void Another_teams_service_reads_as_if_it_were_not_there()
    {
        var scene = new Scene();
        scene.Worker("demo01");
        TestPeer stranger = scene.User("mallory", "team2");
        stranger.Request(1, "team1/dc1");
        stranger.Request(2, "team1/nosuch");
        stranger.Request(3, "dc1");
        List<Heard> refused = stranger.Read();
        Assert.All(refused, heard => Assert.Equal(ErrorCode.NotFound, heard.Refused!.Code));
        Assert.Equal("there is no service 'team1/dc1'", refused[0].Refused!.What);
        Assert.Equal(refused[0].Refused!.Why, refused[1].Refused!.Why);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_public_service_of_another_team_can_be_used_by_its_full_name()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Public }));
        TestPeer worker = scene.Worker("demo01");
        TestPeer stranger = scene.User("mallory", "team2");
        stranger.Request(1, "team1/dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal("dc1", run.Detail);
        worker.Finish(run);
        Assert.Equal(Outcome.Done, Assert.Single(stranger.Read()).Outcome);
    }

    [Fact]
    public void An_observer_may_not_send_requests()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Team }));
        scene.Worker("demo01");
        TestPeer eve = scene.User("eve");
        eve.Request(1, "dc1");
        Assert.Equal(ErrorCode.NotFound, Assert.Single(eve.Read()).Refused!.Code);
    }

    [Fact]
    public void A_number_that_is_under_way_is_refused()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1");
        user.Request(1, "dc1");
        Assert.Equal(ErrorCode.Exists, Assert.Single(user.Read()).Refused!.Code);
        Assert.Equal(1, worker.FinishAll());
        user.Request(1, "dc1");
        Assert.Equal(1, worker.FinishAll());
        Tidy.Check(scene);
    }

    [Fact]
    public void More_requests_than_a_session_may_have_are_refused_as_busy()
    {
        var scene = new Scene();
        scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        for (ulong i = 1; i <= Limits.RequestsPerSessionMax + 1; i++) user.Request(i, "dc1");
        Heard refused = Assert.Single(user.Read());
        Assert.Equal(((ulong)Limits.RequestsPerSessionMax + 1, ErrorCode.Busy), (refused.Id, refused.Refused!.Code));
    }

    [Fact]
    public void More_bytes_than_a_session_may_have_kept_are_refused_as_busy()
    {
        var scene = new Scene();
        scene.Worker("demo01", jobs: 1);
        TestPeer user = scene.User();
        string large = new('x', Limits.PayloadMax);
        for (ulong i = 1; i <= 70; i++) user.Request(i, "dc1", large);
        List<Heard> refused = user.Read();
        int most = Limits.RequestBytesPerSessionMax / Limits.PayloadMax;
        Assert.InRange(refused.Count, 70 - most, 72 - most);
        Assert.All(refused, heard => Assert.Equal(ErrorCode.Busy, heard.Refused!.Code));
        Assert.InRange(scene.State.Load.KeptBytes, 1, Limits.RequestBytesPerSessionMax);
    }

    [Fact]
    public void A_timeout_over_the_limit_is_refused()
    {
        var scene = new Scene();
        scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1", timeoutMs: 86_400_001);
        Assert.Equal(ErrorCode.Invalid, Assert.Single(user.Read()).Refused!.Code);
    }

    [Fact]
    public void A_request_without_a_plugin_is_refused()
    {
        var scene = new Scene();
        scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(1, "dc1", plugin: "");
        Assert.Equal(ErrorCode.Invalid, Assert.Single(user.Read()).Refused!.Code);
        Tidy.Check(scene);
    }

    [Fact]
    public void Answers_of_many_users_are_not_mixed_up()
    {
        var scene = new Scene();
        TestPeer[] workers = [scene.Worker("demo01", 3), scene.Worker("demo02", 3), scene.Worker("demo03", 3)];
        TestPeer[] users = [.. Enumerable.Range(0, 20).Select(_ => scene.User())];
        for (ulong number = 1; number <= 20; number++)
            foreach (TestPeer user in users) user.Request(number, "dc1", $"{user.Id.Value}/{number}");
        for (bool busy = true; busy;)
        {
            busy = false;
            foreach (TestPeer worker in workers)
            {
                foreach (Heard run in worker.Read(MessageKind.Run))
                {
                    worker.Finish(run, tail: run.Text);
                    busy = true;
                }
            }
        }
        foreach (TestPeer user in users)
        {
            List<Heard> ends = user.Read();
            Assert.Equal(Enumerable.Range(1, 20).Select(number => $"{user.Id.Value}/{number}").Order(),
                ends.Select(end => end.Text).Order());
            Assert.All(ends, end => Assert.Equal($"{user.Id.Value}/{end.Id}", end.Text));
        }
        Tidy.Check(scene);
    }

    [Fact]
    public void Output_is_sent_on_in_order_with_the_senders_number_and_the_workers_name()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer user = scene.User();
        user.Request(5, "dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Output(run, 0, "one");
        worker.Output(run, 3, "two");
        worker.Output(run, 3, "two");
        worker.Output(run, 100, "after a gap");
        List<Heard> heard = user.Read();
        Assert.Equal(["one", "two"], heard.Select(one => one.Text));
        Assert.All(heard, one => Assert.Equal((5ul, "demo01"), (one.Id, one.Worker)));
    }

    [Fact]
    public void A_credit_goes_to_the_worker_that_it_names_and_never_beyond_what_was_sent_on()
    {
        var scene = new Scene();
        TestPeer one = scene.Worker("demo01"), two = scene.Worker("demo02");
        TestPeer user = scene.User();
        user.Request(1, "all");
        Heard run = Assert.Single(one.Read(MessageKind.Run));
        two.Read();
        one.Output(run, 0, "0123456789");
        user.Credit(1, 4, "demo01");
        user.Credit(1, 1_000_000, "demo01");
        user.Credit(1, 3, "nobody");
        user.Credit(99, 3, "demo01");
        Assert.Equal([4ul, 10], one.Read().Select(credit => credit.Offset));
        Assert.Empty(two.Read());
    }

    [Fact]
    public void A_fired_trigger_runs_its_plugin_on_its_service_and_is_counted()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer mount = scene.User(role: PeerRole.Mount);
        mount.Fire(1, 32, "payload");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Run message = Run.Read(run.Message);
        Assert.Equal("/demo/uptime", System.Text.Encoding.UTF8.GetString(message.Trigger));
        Assert.Equal("command/command", System.Text.Encoding.UTF8.GetString(message.Plugin));
        Assert.Equal("payload", run.Text);
        worker.Finish(run);
        Assert.True(Assert.Single(mount.Read()).IsLast);
        scene.Pass(50, mount, worker);
        Assert.Equal(1ul, Assert.Single(scene.World.Counted).Count);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_run_hears_how_many_runs_led_to_it_and_which_was_the_last()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01"), user = scene.User(), mount = scene.User(role: PeerRole.Mount);
        user.Request(1, "all", hops: 16, parent: 76);
        mount.Fire(1, 32, hops: 3, parent: 77);
        Heard[] runs = [.. worker.Read(MessageKind.Run)];
        Assert.Equal([16, 3], runs.Select(run => (int)Run.Read(run.Message).Hops));
        Assert.Equal([76UL, 77], runs.Select(run => Run.Read(run.Message).Parent.Value));
    }

    [Fact]
    public void A_chain_of_more_than_16_hops_is_refused_as_a_circle()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01"), user = scene.User(), mount = scene.User(role: PeerRole.Mount);
        user.Request(1, "all", hops: 17, parent: 76);
        mount.Fire(1, 32, hops: 17, parent: 77);
        Assert.Equal(ErrorCode.TooManyHops, Assert.Single(user.Read()).Refused!.Code);
        Assert.Equal(ErrorCode.TooManyHops, Assert.Single(mount.Read()).Refused!.Code);
        Assert.Equal([("TooManyHops", "76", "call service all"), ("TooManyHops", "77", "fire trigger /demo/uptime")],
            scene.World.Audited.TakeLast(2).Select(line => (line.Code, line.Parent, line.What)));
        Assert.Empty(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void That_the_exit_code_was_200_reaches_the_sender()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01"), user = scene.User();
        user.Request(1, "demo01");
        ulong run = Assert.Single(worker.Read(MessageKind.Run)).Id;
        worker.Send(wire => new Finished { Id = run, Flags = Finished.Was200, Outcome = Outcome.Done }.WriteHead(wire));
        Finished end = Finished.Read(Assert.Single(user.Read()).Message);
        Assert.Equal((Finished.Was200 | Finished.Last, 0), (end.Flags, end.ExitCode));
    }

    [Fact]
    public void A_trigger_that_is_attached_to_nothing_says_what_to_type()
    {
        var scene = new Scene();
        TestPeer mount = scene.User(role: PeerRole.Mount);
        mount.Fire(1, 33);
        Refused refused = Assert.Single(mount.Read()).Refused!;
        Assert.Equal(ErrorCode.Invalid, refused.Code);
        Assert.Equal("triggerfs cli -c 'set trigger /demo/loose service attach SERVICE'", refused.Fix);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(1)]
    [InlineData(999)]
    public void What_is_not_a_trigger_cannot_be_fired(ulong node)
    {
        var scene = new Scene();
        TestPeer mount = scene.User(role: PeerRole.Mount);
        mount.Fire(1, node);
        Assert.Equal(ErrorCode.NotFound, Assert.Single(mount.Read()).Refused!.Code);
    }

    [Fact]
    public void Another_teams_trigger_reads_as_if_it_were_not_there()
    {
        var scene = new Scene();
        TestPeer stranger = scene.User("mallory", "team2", PeerRole.Mount);
        stranger.Fire(1, 32);
        stranger.Fire(2, 999);
        List<Heard> refused = stranger.Read();
        Assert.Equal(refused[0].Refused! with { Id = default }, refused[1].Refused! with { Id = default });
    }

    [Fact]
    public void A_message_over_its_triggers_limit_is_refused_and_says_whose_limit_and_how_to_raise_it()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer mount = scene.User(role: PeerRole.Mount);
        mount.Fire(1, 32, new('x', Limits.PayloadMax + 1));
        TriggerException refusal = Assert.Single(mount.Read()).Refused!.ToException();
        Assert.Equal(ErrorCode.TooLarge, refusal.Code);
        Assert.Contains("'/demo/uptime'", refusal.Message);
        Assert.Contains("limit SIZE", refusal.Fix);
        Assert.Empty(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_trigger_whose_limit_was_raised_takes_larger_messages_and_its_team_may_send_them()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01");
        TestPeer mount = scene.User(role: PeerRole.Mount);
        Assert.Equal(Limits.MessageMax, scene.World.Admitted[mount.Id]);
        string most = $"{Limits.TriggerLimitMax}";
        mount.Send(new Manage(new(9), Verb.Set, ObjectKind.Trigger, "/demo/uptime", "limit", [most]).Write);
        scene.Settle();
        Assert.Equal(Limits.LargeMessageMax, scene.World.Admitted[mount.Id]);
        Assert.Equal(Limits.LargeMessageMax, scene.World.Admitted[scene.User().Id]);
        Assert.Equal(Limits.MessageMax, scene.World.Admitted[scene.User("mallory", "team2").Id]);
        Assert.Equal(Limits.MessageMax, scene.World.Admitted[worker.Id]);
        mount.Fire(1, 32, new('x', Limits.TriggerLimitMax));
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(Limits.TriggerLimitMax, Run.Read(run.Message).Payload.Length);
    }
}
