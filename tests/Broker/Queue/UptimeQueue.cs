using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>A broker, and a user who writes to the trigger uptime and says how its messages are delivered.</summary>
public abstract class UptimeQueue
{
    private protected const ulong Uptime = 32;

    private protected readonly Scene _scene = new();
    private protected readonly TestPeer _user;
    private protected ulong _sequence;
    private ulong _statement = 1000;

    private protected UptimeQueue() => _user = _scene.User();

    private protected void Write(string payload, long writtenUnixMs = 0)
    {
        ulong sequence = ++_sequence;
        _user.FireLater(100 + sequence, Uptime, sequence, payload, writtenUnixMs);
        _scene.Settle();
    }

    private protected void Set(string property, string value) =>
        Do(Verb.Set, ObjectKind.Trigger, "uptime", property, value);

    private protected void Do(Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        Do(_user, verb, kind, name, property, values);

    /// <summary>Requests something that is done; what is said of it.</summary>
    private protected string Request(TestPeer user, ObjectKind kind, string name, string property)
    {
        user.Read();
        Ask(user, Verb.Request, kind, name, property);
        return Done.Read(Assert.Single(user.Read(MessageKind.Done)).Message).Notice;
    }

    private protected void Do(
        TestPeer user, Verb verb, ObjectKind kind, string name, string property, params string[] values)
    {
        Ask(user, verb, kind, name, property, values);
        Assert.Contains(user.All, one => one.Kind == MessageKind.Done && Done.Read(one.Message).Id.Value == _statement);
    }

    private protected void Ask(
        TestPeer user, Verb verb, ObjectKind kind, string name, string property, params string[] values)
    {
        user.Send(new Manage(new(++_statement), verb, kind, name, property, values).Write);
        _scene.Settle();
    }
}
