using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>What was written to a trigger: a request whose service, plugin and timeout the broker knows.</summary>
/// <remarks>
/// u64 id | u8 flags | u8 hops | u64 parent | u64 trigger | u128 message id | i64 time of the write, unix ms |
/// u32 length, payload
/// </remarks>
ref struct Fire
{
    /// <summary>The writer does not wait: the output may be dropped by who shows it, the answer may not.</summary>
    public const byte Asynchronous = 1;

    public RequestId Id;
    public byte Flags;

    /// <summary>As in <see cref="Request.Hops"/>.</summary>
    public byte Hops;

    /// <summary>The run that wrote it; none for what a person or a program wrote into a file.</summary>
    public RunId Parent;
    public NodeId Trigger;

    /// <summary>
    /// Of an asynchronous message: u64 spool, never 0, then u64 sequence in it, from 1. A spool belongs to one sender,
    /// who sends its messages in the order of their sequences, again from the first that was not taken, and is known by
    /// it after a restart. None for a synchronous one.
    /// </summary>
    public MessageId Message;
    public long WrittenUnixMs;
    public ReadOnlySpan<byte> Payload;

    public static Fire Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new()
        {
            Id = new(wire.UInt64()),
            Flags = wire.UInt8(),
            Hops = wire.UInt8(),
            Parent = new(wire.UInt64()),
            Trigger = new(wire.UInt64()),
            Message = new(wire.UInt128()),
            WrittenUnixMs = wire.Int64(),
            Payload = wire.Bytes(Limits.TriggerLimitMax),
        };
    }

    /// <summary>Writes all but the payload, which is sent as the message's body.</summary>
    public readonly void WriteHead(WireWriter wire)
    {
        wire.Begin(MessageKind.Fire);
        wire.UInt64(Id.Value);
        wire.UInt8(Flags);
        wire.UInt8(Hops);
        wire.UInt64(Parent.Value);
        wire.UInt64(Trigger.Value);
        wire.UInt128(Message.Value);
        wire.Int64(WrittenUnixMs);
        wire.BytesFollow(Payload.Length);
    }
}
