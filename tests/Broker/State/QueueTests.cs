using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

/// <summary>Promise 6: what an asynchronous write was taken for is carried out, whatever happens.</summary>
public sealed class QueueTests
{
    private const ulong Uptime = 32;
    private const ulong Loose = 33;

    private readonly Scene _scene = new();

    [Fact]
    public void A_message_is_told_as_stored_when_it_is_on_the_disk_and_not_before()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Uptime, sequence: 1);
        Assert.Empty(user.Read());
        _scene.Settle();
        Assert.Equal([1UL], Stored(user));
        Assert.Equal("x", Payload(Assert.Single(_scene.Disk.Messages).Payload));
    }

    [Fact]
    public void A_message_is_not_given_to_a_worker_before_it_is_on_the_disk()
    {
        TestPeer worker = _scene.Worker("demo01");
        _scene.User().FireLater(1, Uptime, sequence: 1);
        Assert.Empty(worker.Read(MessageKind.Run));
        _scene.Settle();
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_message_leaves_the_disk_with_its_answer_which_its_writer_hears()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        Assert.Single(_scene.Disk.Messages);
        worker.FinishAll(exitCode: 3);
        _scene.Settle();
        Heard answer = Assert.Single(user.Read(MessageKind.Finished));
        Assert.Equal((1UL, 3), (answer.Id, Finished.Read(answer.Message).ExitCode));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void A_message_waits_for_a_worker_and_its_writer_is_told_that_it_waits()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        user.Read();
        _scene.Pass(6000, user);
        Assert.Equal(ErrorCode.NoWorker, Refused.Read(Assert.Single(user.Read(MessageKind.Refused)).Message).Code);
        Assert.Single(_scene.Worker("demo01").Read(MessageKind.Run));
    }

    [Fact]
    public void Of_messages_that_come_at_once_half_goes_to_the_disk_first_and_a_lone_one_waits_for_no_others()
    {
        TestPeer user = _scene.User();
        ulong sequence = 0;
        for (int round = 0; round < 3; round++)
        {
            Fire(60);
            _scene.Settle();
        }
        Fire(10);
        EndTurn(); // The network has turns of its own, and more of the burst comes in the next one.
        Assert.Empty(_scene.World.Keeping);
        Fire(50);
        Assert.Equal(30, Messages(Assert.Single(_scene.World.Keeping)));
        (long first, _) = _scene.World.Keeping.Dequeue();
        _scene.State.Kept(first, null, _scene.Now);
        Assert.Equal(30, Messages(Assert.Single(_scene.World.Keeping)));
        _scene.Settle();

        Fire(1);
        Assert.Empty(_scene.World.Keeping);
        EndTurn();
        Assert.Equal(1, Messages(Assert.Single(_scene.World.Keeping)));

        void Fire(int count)
        {
            for (int i = 0; i < count; i++) user.FireLater(100 + ++sequence, Uptime, sequence);
        }

        void EndTurn()
        {
            Assert.True(_scene.World.IsTurning);
            _scene.World.IsTurning = false;
            _scene.State.TurnedOver(_scene.Now);
        }

        static int Messages((long Ticket, IReadOnlyList<Change> Changes) group) =>
            group.Changes.OfType<Change.PutMessage>().Count();
    }

    [Fact]
    public void Messages_behind_many_others_are_carried_out_as_they_were_written_long_ones_too()
    {
        TestPeer user = _scene.User();
        for (ulong n = 1; n <= 1500; n++) user.FireLater(n, Uptime, n, Written(n));
        _scene.Settle();
        Assert.Equal(1500, _scene.Disk.Messages.Count);
        Assert.All(_scene.Disk.Messages,
            message => Assert.Equal(Written((ulong)message.Message.Value), Payload(message.Payload)));

        static string Written(ulong n) => n % 2 == 0 ? $"{n}" : $"{n}".PadRight(512 + (int)(n % 7), '.');
    }

    [Fact]
    public void A_message_that_came_before_is_stored_again_and_carried_out_once()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        user.FireLater(2, Uptime, sequence: 1);
        _scene.Settle();
        Assert.Equal([1UL, 2UL], Stored(user));
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_spool_that_lost_what_was_refused_goes_on_with_what_it_has_when_it_comes_back()
    {
        TestPeer user = _scene.User();
        _scene.DiskTrouble = new(ErrorCode.Storage, "the disk is full");
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        _scene.DiskTrouble = null;
        _scene.Leave(user, LinkEnd.Broken);
        TestPeer back = _scene.Back(user);
        _scene.Pass(1100, back);
        back.FireLater(2, Uptime, sequence: (1UL << 32) + 1);
        _scene.Settle();
        Assert.Equal([2UL], Stored(back));
    }

    [Fact]
    public void A_message_that_reached_no_worker_of_a_serial_service_waits_for_one()
    {
        var scene = new Scene(Scene.Team(service => service with { OnFailure = OnFailure.Stop }) with
        {
            Nodes = [Sample.Directory(31, "demo"), Sample.Trigger(32, "uptime", 31, service: 22)],
        });
        TestPeer third = scene.Worker("demo03"), user = scene.User(); // The first of the service is demo02.
        user.FireLater(1, Uptime, sequence: 1);
        scene.Settle();
        Assert.Empty(third.Read(MessageKind.Run));
        Assert.Single(scene.Disk.Messages);
        TestPeer first = scene.Worker("demo02");
        scene.Pass(3000, first, third);
        Assert.Single(first.Read(MessageKind.Run));
    }

    [Fact]
    public void A_worker_that_comes_back_with_a_message_whose_writer_is_gone_is_asked_how_it_ended()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        _scene.Leave(user, LinkEnd.Closed);
        _scene.Pass(6000, worker);
        _scene.Leave(worker, LinkEnd.Broken);
        Run given = Run.Read(run.Message);
        TestPeer back = _scene.Worker("demo01", held: [new(given.Id, given.Session, given.Request, 0, "dc1")]);
        Assert.True(Assert.Single(back.Read(MessageKind.Credit)).IsLast);
        back.Finish(run);
        _scene.Settle();
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void A_repeat_of_a_message_that_is_being_stored_waits_for_the_disk_too()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Uptime, sequence: 1);
        user.FireLater(2, Uptime, sequence: 1);
        Assert.Empty(user.Read());
        _scene.Settle();
        Assert.Equal([1UL, 2UL], Stored(user).Order());
        Assert.Single(_scene.Disk.Messages);
    }

    [Fact]
    public void Repeats_are_known_after_a_restart_of_the_broker()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        worker.FinishAll();
        _scene.Settle();
        _scene.Restart();
        user = _scene.User();
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        Assert.Equal([1UL], Stored(user));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void What_was_stored_is_carried_out_after_a_restart_with_a_number_that_says_so()
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        _scene.Restart();
        TestPeer worker = _scene.Worker("demo01");
        Assert.Empty(worker.Read(MessageKind.Run));
        _scene.Pass(6000, worker);
        Assert.Equal(2, Attempt(Assert.Single(worker.Read(MessageKind.Run))));
    }

    [Fact]
    public void What_waits_through_a_planned_stop_goes_out_at_once_and_as_the_first_attempt()
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        _scene.Stop();
        TestPeer worker = _scene.Worker("demo01");
        _scene.Settle();
        Assert.Equal(1, Attempt(Assert.Single(worker.Read(MessageKind.Run))));
    }

    [Fact]
    public void What_a_worker_had_in_a_stop_that_did_not_wait_for_it_has_a_number_that_says_so()
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        TestPeer worker = _scene.Worker("demo01");
        _scene.Settle();
        Assert.Single(worker.Read(MessageKind.Run));
        _scene.Stop();
        worker = _scene.Worker("demo01");
        _scene.Pass(6000, worker);
        Assert.Equal(2, Attempt(Assert.Single(worker.Read(MessageKind.Run))));
    }

    [Fact]
    public void A_planned_stop_is_worth_nothing_to_the_broker_after_the_next_one()
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        _scene.Stop();
        _scene.Restart();
        TestPeer worker = _scene.Worker("demo01");
        _scene.Pass(6000, worker);
        Assert.Equal(2, Attempt(Assert.Single(worker.Read(MessageKind.Run))));
    }

    [Fact]
    public void A_worker_that_comes_back_after_a_restart_with_a_run_of_it_goes_on_with_it()
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        TestPeer worker = _scene.Worker("demo01");
        _scene.Settle();
        Heard given = Assert.Single(worker.Read(MessageKind.Run));
        _scene.Restart();
        worker = _scene.Worker("demo01", held: [given.Held()]);
        _scene.Pass(7000, worker);
        Assert.Empty(worker.Read(MessageKind.Run));
        Assert.Single(_scene.Disk.Messages);
        worker.Finish(given);
        _scene.Settle();
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void A_message_whose_worker_was_lost_is_given_to_another_one_with_the_next_number()
    {
        TestPeer first = _scene.Worker("demo01");
        _scene.User().FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        first.Started(Assert.Single(first.Read(MessageKind.Run)));
        TestPeer second = _scene.Worker("demo02");
        _scene.Leave(first, LinkEnd.Broken);
        _scene.Pass(8000, second);
        _scene.Settle();
        Assert.Equal(2, Attempt(Assert.Single(second.Read(MessageKind.Run))));
    }

    [Fact]
    public void A_message_that_kills_every_worker_ends()
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        Assert.Equal([1, 2, 3, 4], AttemptsThatKill());
        Assert.Empty(_scene.Disk.Messages);
        Assert.Contains("lost", Assert.Single(_scene.Disk.DeadLetters).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_that_killed_its_workers_may_be_lost_as_often_again_when_somebody_sends_it_again(bool isRestarted)
    {
        _scene.User().FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        Assert.Equal([1, 2, 3, 4], AttemptsThatKill());
        string id = $"{Assert.Single(_scene.Disk.DeadLetters).Id}";
        _scene.User().Send(new Manage(new(95), Verb.Request, ObjectKind.DeadLetter, id, Properties.Retry, []).Write);
        _scene.Settle();
        // Nothing ran, but a broker that was killed cannot know: that is one attempt, and one loss.
        if (isRestarted) _scene.Restart();
        Assert.Equal(isRestarted ? [6, 7, 8] : [5, 6, 7, 8], AttemptsThatKill());
        Assert.Equal(8, Assert.Single(_scene.Disk.DeadLetters).Message.Attempt);
    }

    /// <summary>Worker after worker dies over the message, until it is given up; the numbers of its attempts.</summary>
    private List<int> AttemptsThatKill()
    {
        List<int> attempts = [];
        for (int i = 0; i < 20 && _scene.Disk.Messages.Count > 0; i++)
        {
            TestPeer worker = _scene.Worker("demo01");
            _scene.Pass(6000, worker);
            foreach (Heard run in worker.Read(MessageKind.Run))
            {
                worker.Started(run);
                attempts.Add(Attempt(run));
            }
            worker.Send(new Goodbye("crash").Write);
            _scene.Leave(worker, LinkEnd.Closed);
            _scene.Settle();
        }
        return attempts;
    }

    [Fact]
    public void A_message_that_failed_as_often_as_it_may_is_a_dead_letter_that_can_be_sent_again()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 1 }));
        TestPeer user = scene.User(), worker = scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1, payload: "reboot");
        scene.Settle();
        for (int i = 0; i < 2; i++)
        {
            worker.FinishAll(exitCode: 7);
            scene.Settle();
            scene.Pass(10_000, user, worker);
        }
        string[] row = Show(scene, user).Single();
        Assert.Equal(
            ("/demo/uptime", "exit code 7 at the last attempt", "2", "reboot"), (row[1], row[2], row[3], row[5]));
        user.Send(new Manage(new(95), Verb.Request, ObjectKind.DeadLetter, row[0], Properties.Retry, []).Write);
        scene.Settle();
        Assert.Empty(Show(scene, user));
        Heard again = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal(("reboot", 3), (again.Text, again.Attempt));
    }

    [Fact]
    public void A_message_that_is_given_up_leaves_the_queue_in_the_group_that_makes_it_a_dead_letter()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Loose, sequence: 1);
        _scene.Settle();
        user.Send(new Manage(new(96), Verb.Delete, ObjectKind.Trigger, "loose", "", []).Write);
        _scene.State.Committed(_scene.World.Committing.Dequeue().Ticket, null, _scene.Now);
        Assert.Collection(Assert.Single(_scene.World.Keeping).Changes,
            static change => Assert.IsType<Change.PutDeadLetter>(change),
            static change => Assert.IsType<Change.DropMessage>(change));
    }

    [Fact]
    public void A_message_whose_trigger_is_deleted_is_a_dead_letter_that_can_be_dropped()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Loose, sequence: 1);
        _scene.Settle();
        user.Send(new Manage(new(96), Verb.Delete, ObjectKind.Trigger, "loose", "", []).Write);
        _scene.Settle();
        _scene.Pass(1000, user);
        string[] row = Show(_scene, user).Single();
        Assert.Contains("deleted", row[2]);
        user.Send(new Manage(new(97), Verb.Request, ObjectKind.DeadLetter, row[0], Properties.Drop, []).Write);
        _scene.Settle();
        Assert.Empty(Show(_scene, user));
    }

    [Fact]
    public void A_message_whose_trigger_is_deleted_while_it_is_stored_keeps_none_of_the_next_from_being_stored()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Loose, sequence: 1);
        user.Send(new Manage(new(96), Verb.Delete, ObjectKind.Trigger, "loose", "", []).Write);
        _scene.State.Committed(_scene.World.Committing.Dequeue().Ticket, null, _scene.Now);
        user.FireLater(2, Uptime, sequence: 2);
        _scene.Settle();
        Assert.Equal([1UL, 2UL], Stored(user));
        Assert.Single(worker.Read(MessageKind.Run));
        Assert.Single(Show(_scene, user));
    }

    [Fact]
    public void Dead_letters_are_there_after_a_restart_and_are_not_shown_to_who_may_not_change_the_trigger()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Loose, sequence: 1);
        _scene.Settle();
        user.Send(new Manage(new(96), Verb.Delete, ObjectKind.Trigger, "loose", "", []).Write);
        _scene.Settle();
        _scene.Pass(1000, user);
        _scene.Settle();
        Assert.Single(_scene.Disk.DeadLetters);
        _scene.Restart();
        Assert.Single(Show(_scene, _scene.User()));
        Assert.Empty(Show(_scene, _scene.User("alice")));
    }

    [Fact]
    public void A_failure_is_the_answer_unless_the_service_says_retry()
    {
        var scene = new Scene(Scene.Team(service => service with { Retry = 2 }));
        TestPeer user = scene.User(), worker = scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        scene.Settle();
        var attempts = new List<int>();
        for (int i = 0; i < 5; i++)
        {
            foreach (Heard run in worker.Read(MessageKind.Run))
            {
                attempts.Add(Attempt(run));
                worker.Finish(run, exitCode: 1);
            }
            scene.Settle();
            scene.Pass(10_000, user, worker);
        }
        Assert.Equal([1, 2, 3], attempts);
        Assert.Single(user.Read(MessageKind.Finished));
        Assert.Empty(scene.Disk.Messages);
    }

    [Fact]
    public void A_message_whose_writer_left_is_carried_out_and_its_output_does_not_stop_the_worker()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        worker.Output(run, 0, "half");
        _scene.Leave(user, LinkEnd.Broken);
        Assert.Equal(4UL, Credit.Read(Assert.Single(worker.Read(MessageKind.Credit)).Message).Offset);
        worker.Output(run, 4, " whole");
        Assert.Equal(10UL, Credit.Read(Assert.Single(worker.Read(MessageKind.Credit)).Message).Offset);
        _scene.Pass(10_000, worker);
        Assert.Empty(worker.Read(MessageKind.Cancel));
        worker.Finish(run, offset: 10);
        _scene.Settle();
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void A_disk_that_refuses_sends_messages_back_and_nothing_overtakes_the_first_of_them()
    {
        TestPeer user = _scene.User();
        _scene.DiskTrouble = new(ErrorCode.Storage, "the disk is full");
        for (ulong i = 1; i <= 3; i++) user.FireLater(i, Uptime, sequence: i);
        _scene.Settle();
        Assert.Equal([1UL, 2UL, 3UL], user.Read(MessageKind.Refused).Select(heard => heard.Id).Order());
        _scene.DiskTrouble = null;
        user.FireLater(4, Uptime, sequence: 4);
        Assert.Equal(4UL, Assert.Single(user.Read(MessageKind.Refused)).Id);
        _scene.Pass(2000, user);
        for (ulong i = 1; i <= 4; i++) user.FireLater(i + 10, Uptime, sequence: i);
        _scene.Settle();
        Assert.Equal([11UL, 12UL, 13UL, 14UL], Stored(user));
        Assert.Equal(4, _scene.Disk.Messages.Count);
    }

    [Fact]
    public void No_more_wait_than_the_workers_have_jobs_for_and_the_oldest_goes_first()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01", jobs: 2);
        for (ulong i = 1; i <= 5; i++) user.FireLater(i, Uptime, sequence: i, payload: $"{i}");
        _scene.Settle();
        var done = new List<string>();
        while (worker.Read(MessageKind.Run) is { Count: > 0 } runs)
        {
            Assert.InRange(runs.Count, 1, 2);
            foreach (Heard run in runs) done.Add(Payload(Run.Read(run.Message).Payload));
            foreach (Heard run in runs) worker.Finish(run);
            _scene.Settle();
        }
        Assert.Equal(["1", "2", "3", "4", "5"], done);
    }

    [Fact]
    public void A_message_to_a_trigger_that_is_attached_to_nothing_waits_until_it_is()
    {
        TestPeer user = _scene.User(), worker = _scene.Worker("demo01");
        user.FireLater(1, Loose, sequence: 1);
        _scene.Settle();
        Assert.Equal([1UL], Stored(user));
        Attach(user, "loose");
        Assert.Equal("x", Payload(Run.Read(Assert.Single(worker.Read(MessageKind.Run)).Message).Payload));
    }

    [Fact]
    public void A_message_without_a_mark_is_refused()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, Uptime, sequence: 0);
        Assert.Equal(ErrorCode.Invalid, Refused.Read(Assert.Single(user.Read(MessageKind.Refused)).Message).Code);
    }

    [Fact]
    public void A_message_to_another_teams_trigger_is_refused_and_those_behind_it_are_taken()
    {
        TestPeer user = _scene.User();
        user.FireLater(1, 4711, sequence: 1);
        user.FireLater(2, Uptime, sequence: 2);
        _scene.Settle();
        List<Heard> heard = user.Read();
        Assert.Equal(1UL, heard.Single(one => one.Kind == MessageKind.Refused).Id);
        Assert.Equal([2UL], Stored(heard));
    }

    [Fact]
    public void What_is_late_on_a_spools_older_connection_does_not_overtake_what_was_refused_on_the_newer_one()
    {
        TestPeer older = _scene.User(), newer = _scene.User();
        older.FireLater(1, Uptime, sequence: 1);
        _scene.Settle();
        _scene.DiskTrouble = new(ErrorCode.Storage, "the disk is full");
        newer.FireLater(1, Uptime, sequence: 2);
        _scene.Settle();
        _scene.DiskTrouble = null;
        _scene.Pass(5000, newer, older);
        older.FireLater(2, Uptime, sequence: 3);
        _scene.Settle();
        Assert.True(older.IsDismissed);
        newer.FireLater(2, Uptime, sequence: 2);
        newer.FireLater(3, Uptime, sequence: 3);
        _scene.Settle();
        Assert.Equal([1UL, 2UL, 3UL], _scene.Disk.Messages.Select(message => (ulong)message.Message.Value));
    }

    private static IReadOnlyList<string[]> Show(Scene scene, TestPeer user)
    {
        user.Read();
        user.Send(new Manage(new(94), Verb.Show, ObjectKind.DeadLetter, "", "", []).Write);
        scene.Settle();
        return Listing.Read(Assert.Single(user.Read(MessageKind.Listing)).Message).Rows;
    }

    private void Attach(TestPeer user, string trigger)
    {
        user.Send(new Manage(new(90), Verb.Set, ObjectKind.Trigger, trigger, Properties.Plugin, ["p"]).Write);
        _scene.Settle();
        user.Send(new Manage(new(91), Verb.Add, ObjectKind.Trigger, trigger, Properties.Service, ["dc1"]).Write);
        _scene.Settle();
        _scene.Pass(100);
    }

    private static IEnumerable<ulong> Stored(TestPeer user) => Stored(user.Read());

    private static IEnumerable<ulong> Stored(List<Heard> heard) => heard.Where(one => one.Kind == MessageKind.Stored)
        .SelectMany(one => TriggerFs.Core.Messages.Stored.Read(one.Message).Requests).Select(request => request.Value);

    private static int Attempt(Heard run) => Run.Read(run.Message).Attempt;

    private static string Payload(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes);
}
