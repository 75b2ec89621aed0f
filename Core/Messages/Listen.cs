using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Hears a stream: what one run of a plugin writes on a worker of a service, which all share who listen to the same
/// plugin with the same arguments. Its <see cref="Output"/> has offsets in the stream, which begin anywhere; what was
/// consumed is told with <see cref="Credit"/>, and <see cref="Cancel"/> ends the listening.
/// </summary>
/// <remarks>
/// u64 id | u8 flags | u32 last lines that are wanted from before | u64 age in ms of the oldest of them, 0 for any |
/// u64 from, an offset in the stream, 0 for none | text service | text plugin | args
/// </remarks>
ref struct Listen
{
    /// <summary>Waits for a worker when none is online, in place of a refusal.</summary>
    public const byte Wait = 1;

    /// <summary>As many lines as are kept.</summary>
    public const uint AllLines = uint.MaxValue;

    public RequestId Id;
    public byte Flags;
    public uint Last;
    public ulong AgeMs;

    /// <summary>Where one who comes back goes on; when that is not kept any more, with all that is.</summary>
    public ulong From;

    /// <summary>UTF-8, <c>service</c> or <c>team/service</c>, as in <see cref="Request"/>.</summary>
    public ReadOnlySpan<byte> Service;
    public ReadOnlySpan<byte> Plugin;

    /// <summary>The arguments as they stand on the wire; see <see cref="Args"/>.</summary>
    public ReadOnlySpan<byte> ArgsBytes;

    public static Listen Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new()
        {
            Id = new(wire.UInt64()),
            Flags = wire.UInt8(),
            Last = wire.UInt32(),
            AgeMs = wire.UInt64(),
            From = wire.UInt64(),
            Service = wire.TextBytes((2 * Limits.NameMax) + 1),
            Plugin = wire.TextBytes(Limits.PathMax),
            ArgsBytes = Args.Take(ref wire),
        };
    }

    public readonly void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Listen);
        wire.UInt64(Id.Value);
        wire.UInt8(Flags);
        wire.UInt32(Last);
        wire.UInt64(AgeMs);
        wire.UInt64(From);
        wire.Text(Service);
        wire.Text(Plugin);
        Args.Put(wire, ArgsBytes);
    }
}
