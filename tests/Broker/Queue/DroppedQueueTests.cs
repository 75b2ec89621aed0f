using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What waits, and nobody wants any more, is dropped by a statement.</summary>
public sealed class DroppedQueueTests : UptimeQueue
{
    [Fact]
    public void What_waits_is_gone_for_good_and_what_a_worker_has_goes_on()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        for (int i = 0; i < 3; i++) Write("a");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal("2 messages are dropped", Drop());
        Assert.Single(_scene.Disk.Messages);
        worker.Finish(run);
        _scene.Settle();
        Assert.Empty(worker.Read(MessageKind.Run));
        Assert.Empty(_scene.Disk.Messages);
        _scene.Restart();
        Assert.Empty(_scene.Worker("demo01").Read(MessageKind.Run));
    }

    [Fact]
    public void Whoever_listens_for_the_answer_hears_that_there_will_be_none()
    {
        Write("a");
        _user.Read();
        Drop();
        Heard told = Assert.Single(_user.All, heard => heard.Kind == MessageKind.Refused);
        Assert.Equal((ErrorCode.Cancelled, "the message was dropped"), (told.Refused!.Code, told.Refused.What));
    }

    [Fact]
    public void What_waits_for_its_next_attempt_or_for_others_of_its_trigger_is_dropped_too()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("retry", "2");
        Set("backoff", "10s");
        Set("max-inflight", "1");
        Write("a");
        worker.FinishAll(exitCode: 1);
        _scene.Settle();
        for (int i = 0; i < 3; i++) Write("a");
        Assert.Single(worker.Read(MessageKind.Run));
        Assert.Equal("3 messages are dropped", Drop());
        Assert.Single(_scene.Disk.Messages);
    }

    [Fact]
    public void What_a_worker_was_given_while_the_disk_took_the_statement_is_carried_out_to_its_end()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        for (int i = 0; i < 2; i++) Write("a");
        _user.Send(new Manage(new(900), Verb.Request, ObjectKind.Queue, "uptime", Properties.Drop, []).Write);
        worker.FinishAll();
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        _scene.Settle();
        Assert.Empty(worker.Read(MessageKind.Cancel));
        worker.Finish(run);
        _scene.Settle();
        Assert.Empty(_scene.Disk.Messages);
        Tidy.Check(_scene);
    }

    [Fact]
    public void After_a_restart_what_may_be_with_a_worker_stays_until_that_had_its_time_to_come_back()
    {
        _scene.Worker("demo01");
        Write("a");
        _scene.Restart();
        TestPeer user = _scene.User();
        Assert.Equal("0 messages are dropped", Drop(user));
        _scene.Pass((long)Limits.ReclaimGrace.TotalMilliseconds, user);
        Assert.Equal("1 message is dropped", Drop(user));
        Assert.Empty(_scene.Disk.Messages);
    }

    [Fact]
    public void The_requests_for_later_of_a_service_are_dropped_by_its_name_and_messages_of_triggers_are_not()
    {
        Write("a");
        _user.Post(1, "empty", sequence: ++_sequence);
        _scene.Settle();
        Assert.Equal(2, _scene.Disk.Messages.Count);
        Assert.Equal("1 message is dropped", Drop(_user, ObjectKind.Service, "empty"));
        Assert.Equal(Uptime, Assert.Single(_scene.Disk.Messages).Trigger.Value);
    }

    [Fact]
    public void A_trigger_of_which_nothing_waits_is_left_as_it_is()
    {
        Assert.Equal("0 messages are dropped", Drop());
        Assert.Empty(_scene.World.Committing);
    }

    private string Drop() => Drop(_user);

    private string Drop(TestPeer user, ObjectKind kind = ObjectKind.Queue, string name = "uptime") =>
        Request(user, kind, name, Properties.Drop);
}
