using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>
/// What the hot path needs of a trigger, its texts as the bytes that travel; made once, until something changes.
/// </summary>
/// <param name="Node">The trigger; its rules are never null.</param>
/// <param name="Service">The service that it is attached to; null for none.</param>
/// <param name="Path">UTF-8, such as <c>/newtrigger/demotrigger</c>.</param>
/// <param name="ServiceName">UTF-8; empty for none.</param>
/// <param name="Plugin">UTF-8; empty for none yet.</param>
sealed record TriggerRoute(Node Node, Service? Service, byte[] Path, byte[] ServiceName, byte[] Plugin)
{
    /// <summary>The rules of the trigger.</summary>
    public TriggerRules Rules => Node.Trigger!;

    /// <summary>How its messages are delivered: what the trigger says, and where it says nothing the service.</summary>
    public Delivery Delivery { get; } = Node.Trigger!.Delivery.Or(Service?.Delivery ?? default);

    /// <summary>How often a lost or failed run is started again.</summary>
    public int Retry => Rules.Retry > 0 ? Rules.Retry : Service?.Retry ?? 0;
}
