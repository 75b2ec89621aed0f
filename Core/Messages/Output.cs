using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// A piece of a run's output: at most <see cref="Limits.OutputChunkMax"/> bytes, as the plugin wrote them. Lines are
/// the reader's business: a piece may hold many lines or a part of one.
/// </summary>
/// <remarks>
/// u64 id (of the run from a worker, of the request to a user) | u64 offset of the first byte, both streams together |
/// u8 flags | name worker (empty from a worker) | u32 length, bytes
/// </remarks>
ref struct Output
{
    /// <summary>The bytes come from standard error.</summary>
    public const byte IsError = 1;

    /// <summary>Not of the plugin: what the broker tells those who listen to a stream, in whole lines.</summary>
    public const byte IsNotice = 2;

    public ulong Id;
    public ulong Offset;
    public byte Flags;
    public ReadOnlySpan<byte> Worker;
    public ReadOnlySpan<byte> Bytes;

    public static Output Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new()
        {
            Id = wire.UInt64(),
            Offset = wire.UInt64(),
            Flags = wire.UInt8(),
            Worker = wire.Name(),
            Bytes = wire.Bytes(Limits.OutputChunkMax),
        };
    }

    /// <summary>Writes all but the bytes, which are sent as the message's body.</summary>
    public readonly void WriteHead(WireWriter wire)
    {
        wire.Begin(MessageKind.Output);
        wire.UInt64(Id);
        wire.UInt64(Offset);
        wire.UInt8(Flags);
        wire.Name(Worker);
        wire.BytesFollow(Bytes.Length);
    }
}
