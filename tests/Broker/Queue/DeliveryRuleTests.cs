using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What the settings of services and triggers make of messages and requests that wait.</summary>
public sealed class DeliveryRuleTests : UptimeQueue
{
    [Fact]
    public void A_message_that_failed_waits_for_its_next_attempt_as_long_as_the_trigger_says()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("retry", "2");
        Set("backoff", "10s..20s");
        Write("a");
        worker.FinishAll(exitCode: 1);
        _scene.Settle();
        _scene.Pass(7000, _user, worker);
        Assert.Empty(worker.Read(MessageKind.Run));
        _scene.Pass(3100, _user, worker);
        worker.FinishAll(exitCode: 1);
        _scene.Settle();
        _scene.Pass(14_000, _user, worker);
        Assert.Empty(worker.Read(MessageKind.Run));
        _scene.Pass(6100, _user, worker);
        Assert.Equal(3, Assert.Single(worker.Read(MessageKind.Run)).Attempt);
    }

    [Fact]
    public void A_message_that_is_older_than_its_ttl_is_a_dead_letter_though_others_are_before_it()
    {
        Write("a");
        Set("ttl", "5000");
        Write("b");
        _scene.Pass(4000, _user);
        Assert.Empty(_scene.Disk.DeadLetters);
        _scene.Pass(1100, _user);
        _scene.Settle();
        Assert.Equal(2, _scene.Disk.DeadLetters.Count);
        Assert.All(_scene.Disk.DeadLetters, letter => Assert.Contains("5s old", letter.Reason));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void The_age_of_a_message_counts_from_when_it_was_written_unless_that_clock_cannot_have_been_right()
    {
        Set("ttl", "5000");
        Write("a", writtenUnixMs: _scene.Now.UnixMs - 60_000);
        Write("b", writtenUnixMs: 1000);
        Write("c", writtenUnixMs: _scene.Now.UnixMs + 60_000);
        _scene.Pass(1000, _user);
        _scene.Settle();
        Assert.Equal(["a"], _scene.Disk.DeadLetters.Select(letter => Text(letter.Message.Payload)));
        _scene.Pass(5000, _user);
        _scene.Settle();
        Assert.Equal(3, _scene.Disk.DeadLetters.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_jumps_by_an_hour_makes_no_message_older_or_younger(int hours)
    {
        Set("ttl", "5000");
        Write("a");
        _scene.SetClock(TimeSpan.FromHours(hours));
        Write("b");
        _scene.Pass(4000, _user);
        Assert.Empty(_scene.Disk.DeadLetters);
        _scene.Pass(1100, _user);
        _scene.Settle();
        Assert.Equal(2, _scene.Disk.DeadLetters.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_clock_that_jumps_by_an_hour_moves_no_next_attempt(int hours)
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("retry", "2");
        Set("backoff", "10s");
        Write("a");
        worker.FinishAll(exitCode: 1);
        _scene.Settle();
        _scene.SetClock(TimeSpan.FromHours(hours));
        _scene.Pass(7000, _user, worker);
        Assert.Empty(worker.Read(MessageKind.Run));
        _scene.Pass(3100, _user, worker);
        Assert.Equal(2, Assert.Single(worker.Read(MessageKind.Run)).Attempt);
    }

    [Fact]
    public void What_was_taken_while_the_host_did_not_know_the_time_is_carried_out_when_it_does()
    {
        Set("ttl", "5000");
        _scene.SetClock(-TimeSpan.FromMilliseconds(_scene.Now.UnixMs)); // 1970, as a host without a clock boots.
        _scene.Restart();
        TestPeer user = _scene.User();
        user.FireLater(100, Uptime, 1, "a");
        _scene.Settle();
        _scene.SetClock(TimeSpan.FromDays(50 * 365));
        _scene.Pass(1000, user);
        _scene.Restart();
        _scene.Pass(1000);
        TestPeer worker = _scene.Worker("demo01");
        _scene.Pass(4000, worker);
        Assert.Equal("a", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Fact]
    public void A_clock_that_was_put_back_over_a_restart_holds_no_next_attempt_up()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("retry", "2");
        Set("backoff", "10s");
        Write("a");
        worker.FinishAll(exitCode: 1);
        _scene.Settle();
        _scene.SetClock(-TimeSpan.FromMilliseconds(_scene.Now.UnixMs));
        _scene.Restart();
        worker = _scene.Worker("demo01");
        _scene.Pass(301_000, worker); // 1s..5m: what the trigger said is not on this disk.
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_message_that_no_worker_had_a_job_for_in_time_is_not_overtaken()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        Set("timeout", "1000");
        _user.Request(1, "dc1", timeoutMs: 60_000, payload: "long");
        foreach (string text in (string[])["a", "b", "c"]) Write(text);
        _scene.Pass(2200, _user, worker);
        Assert.Equal(["long", "a", "b", "c"], RunOneByOne(worker));
    }

    [Fact]
    public void A_worker_that_tells_again_of_an_attempt_that_failed_does_not_answer_for_the_next_one()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("retry", "2");
        Write("a");
        Heard given = Assert.Single(worker.Read(MessageKind.Run));
        worker.Finish(given, exitCode: 1);
        _scene.Settle();
        HeldRun held = given.Held(hasEnded: true);
        _scene.Restart();
        worker = _scene.Worker("demo01", held: [held]);
        worker.Finish(given, exitCode: 1);
        _scene.Settle();
        Assert.Single(_scene.Disk.Messages);
        _scene.Pass(20_000, worker);
        Assert.InRange(Assert.Single(worker.Read(MessageKind.Run)).Attempt, 2, 3);
    }

    [Fact]
    public void A_message_that_is_equal_to_one_that_a_worker_has_over_a_restart_is_carried_out_too()
    {
        HeldRun held = HoldOverRestart("a", out Heard given);
        TestPeer user = _scene.User();
        Do(user, Verb.Set, ObjectKind.Trigger, "uptime", "unique", "on");
        user.FireLater(9, Uptime, ++_sequence, "a");
        _scene.Settle();
        TestPeer worker = _scene.Worker("demo01", held: [held]);
        worker.Finish(given);
        _scene.Settle();
        _scene.Pass(7000, user, worker);
        Heard other = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(("a", 1), (other.Text, other.Attempt));
    }

    [Fact]
    public void An_equal_message_is_carried_out_too_when_the_first_ones_worker_is_away_over_two_restarts()
    {
        HeldRun held = HoldOverRestart("a", out Heard given);
        TestPeer user = _scene.User(), other = _scene.Worker("demo02", jobs: 1);
        Do(user, Verb.Set, ObjectKind.Trigger, "uptime", "unique", "on");
        Do(user, Verb.Set, ObjectKind.Trigger, "uptime", "timeout", "1000");
        user.Request(1, "dc1", timeoutMs: 600_000, payload: "long");
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds + 1100, user, other); // It finds no job free.
        user.FireLater(9, Uptime, ++_sequence, "a");
        _scene.Settle();
        Assert.Single(_scene.Disk.Messages);
        _scene.Restart();

        TestPeer worker = _scene.Worker("demo01", held: [held]);
        worker.Finish(given);
        _scene.Settle();
        _scene.Pass(7000, worker);
        Assert.Equal("a", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Fact]
    public void What_has_more_priority_goes_first()
    {
        Set("priority", "2");
        foreach (string low in (string[])["a", "b"]) Write(low);
        Do(Verb.Create, ObjectKind.Trigger, "/demo/urgent", "");
        Do(Verb.Set, ObjectKind.Trigger, "urgent", "plugin", "p");
        Do(Verb.Add, ObjectKind.Trigger, "urgent", "service", "dc1");
        Do(Verb.Set, ObjectKind.Trigger, "urgent", "priority", "9");
        ulong urgent = _scene.Roster.Find(Sample.Team1, TriggerPath.Parse("/demo/urgent"))!.Id.Value;
        _user.FireLater(50, urgent, ++_sequence, "urgent");
        _scene.Settle();
        Assert.Equal(["urgent", "a", "b"], RunOneByOne(_scene.Worker("demo01", jobs: 1)));
    }

    [Fact]
    public void A_priority_that_changes_holds_for_what_waits()
    {
        Write("a");
        Set("priority", "0");
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        Assert.Equal(["a"], RunOneByOne(worker));
    }

    [Fact]
    public void No_more_messages_of_a_trigger_run_at_once_than_it_says()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 8);
        Set("max-inflight", "2");
        for (int i = 0; i < 6; i++) Write($"{i}");
        var done = new List<string>();
        for (List<Heard> runs = worker.Read(MessageKind.Run); runs.Count > 0; runs = worker.Read(MessageKind.Run))
        {
            Assert.InRange(runs.Count, 1, 2);
            done.AddRange(runs.Select(run => run.Text));
            foreach (Heard run in runs) worker.Finish(run);
            _scene.Settle();
        }
        Assert.Equal(["0", "1", "2", "3", "4", "5"], done);
    }

    [Fact]
    public void No_more_requests_and_messages_of_a_service_run_at_once_than_it_says_and_both_have_their_turn()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 8);
        Do(Verb.Set, ObjectKind.Service, "dc1", "max-inflight", "1");
        for (ulong i = 1; i <= 4; i++) _user.Request(i, "dc1", payload: $"request{i}");
        for (int i = 1; i <= 4; i++) Write($"message{i}");
        List<string> ran = RunOneByOne(worker);
        Assert.Equal(8, ran.Count);
        Assert.Equal(2, ran.Skip(1).Take(4).Count(text => text.StartsWith("message", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_message_that_was_with_a_worker_over_a_restart_counts_among_those_that_run()
    {
        Set("max-inflight", "1");
        TestPeer worker = _scene.Worker("demo01");
        Write("a");
        HeldRun held = Assert.Single(worker.Read(MessageKind.Run)).Held();
        _scene.Restart();
        TestPeer user = _scene.User();
        Do(user, Verb.Set, ObjectKind.Trigger, "uptime", "max-inflight", "1");
        worker = _scene.Worker("demo01", held: [held]);
        user.FireLater(9, Uptime, ++_sequence, "b");
        _scene.Settle();
        _scene.Pass(7000, user, worker);
        Assert.Empty(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_busy_trigger_rejects_a_message_as_a_dead_letter_and_tells_who_wrote_it()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("max-inflight", "1");
        Set("on-busy", "reject");
        Write("a");
        Write("b");
        Assert.Equal(ErrorCode.Busy, Refusal().Code);
        Assert.Equal("b", Text(Assert.Single(_scene.Disk.DeadLetters).Message.Payload));
        worker.FinishAll();
        _scene.Settle();
        Write("c");
        Assert.Equal("c", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Fact]
    public void A_busy_trigger_drops_a_message_and_nothing_of_it_stays()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("max-inflight", "1");
        Set("on-busy", "drop");
        Write("a");
        Write("b");
        Assert.Equal(ErrorCode.Busy, Refusal().Code);
        Assert.Empty(_scene.Disk.DeadLetters);
        Assert.Equal(["a"], RunOneByOne(worker));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void A_busy_trigger_keeps_the_newest_message_alone()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("max-inflight", "1");
        Set("on-busy", "replace");
        foreach (string text in (string[])["a", "b", "c", "d"]) Write(text);
        Assert.Equal(["a", "d"], RunOneByOne(worker));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void A_message_that_a_worker_has_over_a_restart_is_not_replaced_by_a_newer_one()
    {
        HeldRun held = HoldOverRestart("a", out Heard given);
        TestPeer user = _scene.User();
        Do(user, Verb.Set, ObjectKind.Trigger, "uptime", "on-busy", "replace");
        foreach (string text in (string[])["b", "c"])
        {
            user.FireLater(9, Uptime, ++_sequence, text);
            _scene.Settle();
        }
        TestPeer worker = _scene.Worker("demo01", held: [held]);
        _scene.Pass(7000, user, worker);
        List<Heard> heard = worker.Read();
        Assert.DoesNotContain(heard, one => one.Kind == MessageKind.Cancel);
        worker.Finish(given);
        Heard newest = Assert.Single(heard, one => one.Kind == MessageKind.Run);
        Assert.Equal("c", newest.Text);
        worker.Finish(newest);
        _scene.Settle();
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void While_no_worker_is_there_the_first_message_of_a_trigger_that_drops_waits_and_others_are_dropped()
    {
        Set("on-busy", "drop");
        Write("a");
        Write("b");
        Assert.Equal(["a"], RunOneByOne(_scene.Worker("demo01")));
    }

    [Fact]
    public void Equal_messages_that_wait_become_one_and_each_is_told_as_stored()
    {
        Set("unique", "on");
        _user.Read();
        foreach (string text in (string[])["a", "b", "a", "a"]) Write(text);
        Assert.Equal(4, _user.Read(MessageKind.Stored).Sum(one => Stored.Read(one.Message).Requests.Count));
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        Assert.Equal("a", Assert.Single(worker.Read(MessageKind.Run)).Text); // It runs, and waits no more.
        Write("a");
        Assert.Equal(2, _scene.Disk.Messages.Count(message => Text(message.Payload) == "a"));
    }

    [Fact]
    public void A_request_to_a_busy_service_waits_and_its_time_runs_out_with_the_reason()
    {
        TestPeer worker = _scene.Worker("demo01");
        Do(Verb.Set, ObjectKind.Service, "dc1", "max-inflight", "1");
        _user.Request(1, "dc1", timeoutMs: 60_000);
        _user.Request(2, "dc1", timeoutMs: 1000);
        _user.Request(3, "dc1", timeoutMs: 60_000, payload: "third");
        _scene.Pass(1200, _user, worker);
        TriggerException late = Refusal();
        Assert.Equal(ErrorCode.TimedOut, late.Code);
        Assert.Contains("max-inflight", late.Why);
        worker.FinishAll();
        Assert.Equal("third", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Theory]
    [InlineData("reject")]
    [InlineData("drop")]
    public void A_request_that_somebody_waits_for_is_refused_when_none_may_wait(string rule)
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        Do(Verb.Set, ObjectKind.Service, "dc1", "on-busy", rule);
        _user.Request(1, "dc1");
        _user.Request(2, "dc1");
        Assert.Equal(ErrorCode.Busy, Refusal().Code);
        worker.FinishAll();
        _user.Request(3, "dc1");
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Theory]
    [InlineData("max-inflight")]
    [InlineData("the worker has one job")]
    public void The_newest_request_takes_the_place_of_one_that_waits(string why)
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        if (why == "max-inflight") Do(Verb.Set, ObjectKind.Service, "dc1", "max-inflight", "1");
        Do(Verb.Set, ObjectKind.Service, "dc1", "on-busy", "replace");
        for (ulong i = 1; i <= 3; i++) _user.Request(i, "dc1", payload: $"{i}");
        Heard replaced = Assert.Single(_user.Read(MessageKind.Refused));
        Assert.Equal((2UL, ErrorCode.Cancelled), (replaced.Id, Refused.Read(replaced.Message).Code));
        Assert.Equal(["1", "3"], RunOneByOne(worker));
    }

    [Fact]
    public void A_request_that_waits_for_room_ends_when_its_sender_goes_its_service_is_deleted_or_it_is_cancelled()
    {
        _scene.Worker("demo01");
        Do(Verb.Set, ObjectKind.Service, "dc1", "max-inflight", "1");
        TestPeer other = _scene.User("alice");
        Do(Verb.Set, ObjectKind.Service, "dc1", "visibility", "team");
        for (ulong i = 1; i <= 4; i++) _user.Request(i, "dc1");
        other.Request(1, "dc1");
        other.Send(new Goodbye("bye").Write);
        _user.Cancel(2);
        Assert.Equal(ErrorCode.Cancelled, Refusal().Code);
        Do(Verb.Delete, ObjectKind.Service, "dc1", "");
        Assert.Equal(2, _user.All.Count(one =>
            one.Kind == MessageKind.Refused && Refused.Read(one.Message).Code == ErrorCode.NotFound));
    }

    private List<string> RunOneByOne(TestPeer worker)
    {
        var ran = new List<string>();
        for (List<Heard> runs = worker.Read(MessageKind.Run); runs.Count > 0; runs = worker.Read(MessageKind.Run))
        {
            ran.Add(Assert.Single(runs).Text);
            worker.Finish(runs[0]);
            _scene.Settle();
        }
        return ran;
    }

    /// <summary>A worker has a message when the broker ends: what it comes back with, and what it was given.</summary>
    private HeldRun HoldOverRestart(string payload, out Heard given)
    {
        TestPeer worker = _scene.Worker("demo01");
        Write(payload);
        given = Assert.Single(worker.Read(MessageKind.Run));
        _scene.Restart();
        return given.Held();
    }

    private TriggerException Refusal() =>
        Refused.Read(Assert.Single(_user.Read(MessageKind.Refused)).Message).ToException();

    private static string Text(byte[] payload) => System.Text.Encoding.UTF8.GetString(payload);
}
