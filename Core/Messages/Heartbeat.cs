using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>"I am alive": sent by each side every heartbeat interval in which it sent nothing else.</summary>
/// <remarks>no fields</remarks>
static class Heartbeat
{
    public static void Write(WireWriter wire) => wire.Begin(MessageKind.Heartbeat);
}
