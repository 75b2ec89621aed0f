using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>How a service hands a request to its workers.</summary>
enum Algorithm : byte
{
    /// <summary>One worker, the next in turn.</summary>
    RoundRobin = 1,

    /// <summary>Every worker, one after another, in the order in which they were attached.</summary>
    Serial = 2,

    /// <summary>Every worker at once.</summary>
    Mirror = 3,
}

/// <summary>A request was understood and is on its way: to how many workers, and how.</summary>
/// <remarks>u64 id | u8 algorithm | u16 workers | text service</remarks>
sealed record Dispatched(RequestId Id, Algorithm Algorithm, int Workers, string Service)
{
    public static Dispatched Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(
            new(wire.UInt64()),
            wire.OneOf(last: Algorithm.Mirror, first: Algorithm.RoundRobin),
            wire.UInt16(),
            wire.Text());
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Dispatched);
        wire.UInt64(Id.Value);
        wire.UInt8((byte)Algorithm);
        wire.UInt16((ushort)Workers);
        wire.Text(Service);
    }
}
