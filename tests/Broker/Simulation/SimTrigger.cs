using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>A trigger, how its messages are delivered, and so what is promised of them.</summary>
sealed class SimTrigger
{
    private static readonly Backoff Quick = new(200, 3000);

    private readonly ulong _id;
    private readonly int _retry;
    private readonly Delivery _delivery;

    public SimTrigger(ulong id, string name, Service service, Random random)
    {
        (_id, Name, Service) = (id, name, service);
        if (random.Next(3) == 0) return;
        _retry = random.Next(3) == 0 ? random.Next(1, 4) : 0;
        _delivery = new(
            random.Next(2) == 0 ? Quick : null,
            random.Next(5) == 0 ? (uint)random.Next(3000, 60_000) : 0,
            random.Next(2) == 0 ? (byte)random.Next(Delivery.PriorityMax + 1) : null,
            random.Next(3) == 0 ? (ushort)random.Next(1, 4) : (ushort)0,
            random.Next(3) == 0 ? (OnBusy)random.Next(1, 5) : 0,
            random.Next(5) == 0);
    }

    public NodeId Id => new(_id);

    public string Name { get; }

    public Service Service { get; }

    /// <summary>Messages that are equal and wait become one: there are few different ones.</summary>
    public bool IsUnique => _delivery.Unique == true;

    /// <summary>Some may be left out.</summary>
    public bool MayLeaveOut => _delivery.OnBusy is OnBusy.Drop or OnBusy.Replace;

    /// <summary>The newest one is carried out, whatever becomes of those before.</summary>
    public bool KeepsNewest => _delivery.OnBusy is OnBusy.Replace;

    /// <summary>What the next message of a writer says.</summary>
    public string Payload(SimSpool writer, int count) => IsUnique ? $"{_id}/{count % 3}" : $"{writer}/{_id}/{count}";

    public Node AsNode(ulong parent)
    {
        Node node = Sample.Trigger(_id, Name, parent, Service.Id.Value);
        return node with { Trigger = node.Trigger! with { Retry = _retry, Delivery = _delivery } };
    }
}
