using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Runs a plugin. The broker sends it only when the worker has a job free, so a worker starts what it gets at once; the
/// timeout is what is left of the request's. The session and request come back in <see cref="HeldRun"/>; both are 0
/// in a broadcast, of which nobody reads the output.
/// </summary>
/// <remarks>
/// u64 run | u128 session | u64 request | u8 attempt, from 1 | u8 hops | u128 message, 0 for none |
/// i64 time of the write in unix ms, 0 for none | u64 parent, 0 for none | u32 timeout in ms |
/// u32 output window in bytes | name team | name user | text service | text trigger, empty for none | text plugin |
/// args | u32 length, payload
/// </remarks>
ref struct Run
{
    public RunId Id;
    public SessionId Session;
    public RequestId Request;
    public byte Attempt;

    /// <summary>As in <see cref="Request.Hops"/>; what the run asks for has one more.</summary>
    public byte Hops;

    /// <summary>The same in each attempt of an asynchronous message: who has seen it has done it.</summary>
    public MessageId Message;

    /// <summary>When it was written, by the clock of who wrote it.</summary>
    public long WrittenUnixMs;

    /// <summary>As in <see cref="Fire.Parent"/>.</summary>
    public RunId Parent;
    public uint TimeoutMs;
    public uint Window;
    public ReadOnlySpan<byte> Team;
    public ReadOnlySpan<byte> User;
    public ReadOnlySpan<byte> Service;
    public ReadOnlySpan<byte> Trigger;
    public ReadOnlySpan<byte> Plugin;
    public ReadOnlySpan<byte> ArgsBytes;
    public ReadOnlySpan<byte> Payload;

    public static Run Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new()
        {
            Id = new(wire.UInt64()),
            Session = new(wire.UInt128()),
            Request = new(wire.UInt64()),
            Attempt = wire.UInt8(),
            Hops = wire.UInt8(),
            Message = new(wire.UInt128()),
            WrittenUnixMs = wire.Int64(),
            Parent = new(wire.UInt64()),
            TimeoutMs = wire.UInt32(),
            Window = wire.UInt32(),
            Team = wire.Name(),
            User = wire.Name(),
            Service = wire.TextBytes(),
            Trigger = wire.TextBytes(Limits.PathMax),
            Plugin = wire.TextBytes(Limits.PathMax),
            ArgsBytes = Args.Take(ref wire),
            Payload = wire.Bytes(Limits.TriggerLimitMax),
        };
    }

    /// <summary>Writes all but the payload, which is sent as the message's body.</summary>
    public readonly void WriteHead(WireWriter wire)
    {
        wire.Begin(MessageKind.Run);
        wire.UInt64(Id.Value);
        wire.UInt128(Session.Value);
        wire.UInt64(Request.Value);
        wire.UInt8(Attempt);
        wire.UInt8(Hops);
        wire.UInt128(Message.Value);
        wire.Int64(WrittenUnixMs);
        wire.UInt64(Parent.Value);
        wire.UInt32(TimeoutMs);
        wire.UInt32(Window);
        wire.Name(Team);
        wire.Name(User);
        wire.Text(Service);
        wire.Text(Trigger);
        wire.Text(Plugin);
        Args.Put(wire, ArgsBytes);
        wire.BytesFollow(Payload.Length);
    }
}
