using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Ends a request (user to broker, by request id) or a run (broker to worker, by run id). The answer is still a
/// Finished; cancelling what has ended already does nothing.
/// </summary>
/// <remarks>u64 id | u8 why: <see cref="ErrorCode"/> Cancelled, TimedOut or BrokerLost</remarks>
readonly record struct Cancel(ulong Id, ErrorCode Why)
{
    public static Cancel Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(wire.UInt64(), wire.OneOf(last: ErrorCode.Conflict, first: ErrorCode.Internal));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Cancel);
        wire.UInt64(Id);
        wire.UInt8((byte)Why);
    }
}
