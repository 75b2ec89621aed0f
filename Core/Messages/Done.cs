using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// A statement is done and on the broker's disk; the notice is for the person who typed it, or empty.
/// </summary>
/// <remarks>u64 id | text notice</remarks>
sealed record Done(RequestId Id, string Notice)
{
    public static Done Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(new(wire.UInt64()), wire.Text());
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Done);
        wire.UInt64(Id.Value);
        wire.Text(Notice);
    }
}
