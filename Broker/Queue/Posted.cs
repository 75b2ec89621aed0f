using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// Requests for a service that are carried out later. To the queue each service is a trigger, too, whose number is the
/// service's with a bit that no node has; the payload of its messages is a whole <see cref="Request"/>.
/// </summary>
static class Posted
{
    private const ulong Bit = 1UL << 62;

    /// <summary>The trigger that stands for a service.</summary>
    public static NodeId TriggerOf(ServiceId service) => new(Bit | (ulong)service.Value);

    /// <summary>The service that a trigger stands for; null for one of a tree.</summary>
    public static ServiceId? ServiceOf(NodeId trigger) =>
        (trigger.Value & Bit) != 0 ? new((long)(trigger.Value & ~Bit)) : null;

    /// <summary>The rules of the trigger that stands for a service: all is the service's.</summary>
    public static Node NodeOf(Service service) => new(
        TriggerOf(service.Id), service.Team, NodeId.Root, "", 0, service.Owner,
        new("", "posted", service.Id, 0, 0, MessageMode.Write, false, Limits.MessageMax, service.Visibility),
        service.CreatedUnixMs, service.UpdatedUnixMs);

    /// <summary>What its plugin gets.</summary>
    public static ReadOnlySpan<byte> PayloadOf(QueuedMessage message) =>
        ServiceOf(message.Trigger) is not null && TryRead(message.Payload, out Request request)
            ? request.Payload : message.Payload;

    /// <summary>A message whose plugin gets something else.</summary>
    public static QueuedMessage With(QueuedMessage message, byte[] payload)
    {
        if (ServiceOf(message.Trigger) is null || !TryRead(message.Payload, out Request request))
            return message with { Payload = payload };
        request.Payload = payload;
        var wire = new WireWriter();
        request.WriteHead(wire);
        return message with { Payload = [.. wire.Written, .. payload] };
    }

    /// <summary>Reads the request of a message; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out Request request)
    {
        request = default;
        try
        {
            if (MessageCodec.KindOf(payload) != MessageKind.Request) return false;
            request = Request.Read(payload);
            return true;
        }
        catch (WireException)
        {
            return false;
        }
    }
}
