using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Output of a run was consumed up to an offset, so that its worker may send <see cref="Limits.OutputWindow"/> bytes
/// more and forget what lies before. With <see cref="Replay"/> the worker sends again from the offset on, and its
/// Finished, if it has ended; a run that it does not know (any more) it answers with a Finished as lost.
/// </summary>
/// <remarks>
/// u64 id (of the request from a user, of the run to a worker) | flag replay | u64 offset | name worker (empty to a
/// worker)
/// </remarks>
ref struct Credit
{
    public ulong Id;
    public bool Replay;
    public ulong Offset;
    public ReadOnlySpan<byte> Worker;

    public static Credit Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new() { Id = wire.UInt64(), Replay = wire.Flag(), Offset = wire.UInt64(), Worker = wire.Name() };
    }

    public readonly void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Credit);
        wire.UInt64(Id);
        wire.Flag(Replay);
        wire.UInt64(Offset);
        wire.Name(Worker);
    }
}
