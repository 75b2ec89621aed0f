using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>Runs a plugin on a service (or on a worker, whose name is a service of one).</summary>
/// <remarks>
/// u64 id | u8 flags | u8 hops | u64 parent, with HasParent | u32 timeout in ms, 0 for the service's | text service |
/// text plugin | args | u32 length, payload
/// </remarks>
ref struct Request
{
    /// <summary>Asks for a <see cref="Dispatched"/> before the first output.</summary>
    public const byte TellDispatch = 1;

    /// <summary>
    /// For every worker of the service that is online, whatever its algorithm. Nobody waits for the end: a worker that
    /// has taken it has answered, with <see cref="Outcome.Taken"/>.
    /// </summary>
    public const byte Broadcast = 2;

    /// <summary>
    /// The run that asks is in it. A field of its own only then: requests of before it wait in spools and queues.
    /// </summary>
    public const byte HasParent = 4;

    public RequestId Id;
    public byte Flags;

    /// <summary>Runs that led to this one: 0 for a person's own, at most <see cref="Limits.HopsMax"/>.</summary>
    public byte Hops;

    /// <summary>The run that asks; none for a person's own request.</summary>
    public RunId Parent;
    public uint TimeoutMs;

    /// <summary>UTF-8, <c>service</c> or <c>team/service</c>; checked by the broker, which knows it or not.</summary>
    public ReadOnlySpan<byte> Service;

    /// <summary>UTF-8, a path below the worker's plugin folder.</summary>
    public ReadOnlySpan<byte> Plugin;

    /// <summary>The arguments as they stand on the wire, checked; see <see cref="Args"/>.</summary>
    public ReadOnlySpan<byte> ArgsBytes;

    public ReadOnlySpan<byte> Payload;

    public static Request Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return ReadFields(ref wire);
    }

    /// <summary>Reads the fields, which a <see cref="Rollout"/> has, too.</summary>
    public static Request ReadFields(scoped ref WireReader wire)
    {
        byte flags;
        return new()
        {
            Id = new(wire.UInt64()), // Initializers run top to bottom: this list is the wire layout.
            Flags = flags = wire.UInt8(),
            Hops = wire.UInt8(),
            Parent = (flags & HasParent) != 0 ? new(wire.UInt64()) : default,
            TimeoutMs = wire.UInt32(),
            Service = wire.TextBytes((2 * Limits.NameMax) + 1),
            Plugin = wire.TextBytes(Limits.PathMax),
            ArgsBytes = Args.Take(ref wire),
            Payload = wire.Bytes(Limits.PayloadMax),
        };
    }

    /// <summary>Writes all but the payload, which is sent as the message's body.</summary>
    public readonly void WriteHead(WireWriter wire)
    {
        wire.Begin(MessageKind.Request);
        WriteFields(wire);
    }

    public readonly void WriteFields(WireWriter wire)
    {
        wire.UInt64(Id.Value);
        wire.UInt8((byte)(Parent == default ? Flags & ~HasParent : Flags | HasParent));
        wire.UInt8(Hops);
        if (Parent != default) wire.UInt64(Parent.Value);
        wire.UInt32(TimeoutMs);
        wire.Text(Service);
        wire.Text(Plugin);
        Args.Put(wire, ArgsBytes);
        wire.BytesFollow(Payload.Length);
    }
}
