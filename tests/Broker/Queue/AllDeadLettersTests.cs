using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What can be done with all messages of a trigger that were given up, in one statement.</summary>
public sealed class AllDeadLettersTests : UptimeQueue
{
    [Fact]
    public void All_of_a_trigger_are_sent_again_in_their_order_as_another_attempt()
    {
        Die("a", "b", "c");
        TestPeer worker = _scene.Worker("demo01");
        Assert.Equal("3 messages are sent again", Request(_user, ObjectKind.Trigger, "uptime", Properties.RetryDead));
        Assert.Empty(_scene.Disk.DeadLetters);
        Assert.Equal(3, _scene.Disk.Messages.Count);
        List<Heard> runs = worker.Read(MessageKind.Run);
        Assert.Equal([("a", 2), ("b", 2), ("c", 2)], runs.Select(run => (run.Text, run.Attempt)));
        foreach (Heard run in runs) worker.Finish(run);
        _scene.Settle();
        Assert.Empty(_scene.Disk.Messages);
        Tidy.Check(_scene);
    }

    [Fact]
    public void All_of_a_trigger_are_forgotten_and_the_rest_stays()
    {
        Die("a", "b");
        Post("later");
        Assert.Equal("2 messages are dropped", Request(_user, ObjectKind.Trigger, "uptime", Properties.DropDead));
        Assert.Equal("1 message is dropped", Request(_user, ObjectKind.Service, "empty", Properties.DropDead));
        Assert.Empty(_scene.Disk.DeadLetters);
    }

    [Fact]
    public void The_requests_for_later_of_a_service_are_sent_again_by_its_name()
    {
        Die("a");
        Post("later");
        Assert.Equal("1 message is sent again", Request(_user, ObjectKind.Service, "empty", Properties.RetryDead));
        Assert.Equal(Uptime, Assert.Single(_scene.Disk.DeadLetters).Message.Trigger.Value);
        Assert.Single(_scene.Disk.Messages);
    }

    [Fact]
    public void Where_there_are_none_nothing_is_stored()
    {
        Assert.Equal("0 messages are sent again", Request(_user, ObjectKind.Trigger, "uptime", Properties.RetryDead));
        Assert.Equal("0 messages are dropped", Request(_user, ObjectKind.Trigger, "uptime", Properties.DropDead));
        Assert.Empty(_scene.World.Committing);
    }

    [Fact]
    public void Who_may_not_change_the_trigger_or_the_service_does_neither()
    {
        Die("a");
        TestPeer alice = _scene.User("alice");
        foreach (string property in (string[])[Properties.RetryDead, Properties.DropDead])
        {
            Assert.Equal(ErrorCode.NotAllowed, Refused(alice, ObjectKind.Trigger, "uptime", property));
            Assert.Equal(ErrorCode.NotFound, Refused(alice, ObjectKind.Service, "empty", property)); // She sees none.
        }
        Assert.Single(_scene.Disk.DeadLetters);
    }

    /// <summary>Messages die of age, because there is no worker.</summary>
    private void Die(params string[] payloads)
    {
        Set(Properties.Ttl, "1000");
        foreach (string payload in payloads) Write(payload);
        Expire();
        Set(Properties.Ttl, "");
    }

    private void Post(string payload)
    {
        Do(Verb.Set, ObjectKind.Service, "empty", Properties.Ttl, "1000");
        _user.Post(1, "empty", sequence: ++_sequence, payload);
        _scene.Settle();
        Expire();
        Do(Verb.Set, ObjectKind.Service, "empty", Properties.Ttl, "");
    }

    private void Expire()
    {
        _scene.Pass(2000, _user);
        _scene.Settle();
    }

    private ErrorCode Refused(TestPeer user, ObjectKind kind, string name, string property)
    {
        user.Read();
        Ask(user, Verb.Request, kind, name, property);
        return Assert.Single(user.Read(MessageKind.Refused)).Refused!.Code;
    }
}
