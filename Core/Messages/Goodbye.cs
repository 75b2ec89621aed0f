using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// The sender is going. A broker's peers come back by themselves; a worker's running requests fail at once.
/// </summary>
/// <remarks>text reason</remarks>
sealed record Goodbye(string Reason)
{
    public static Goodbye Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(wire.Text(1024));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Goodbye);
        wire.Text(Reason);
    }
}
