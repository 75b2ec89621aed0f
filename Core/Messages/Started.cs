using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Handed to the worker's kernel before the plugin starts: from here on the run is never given to another worker. A
/// plugin that ends within the call (echo) sends its Finished alone.
/// </summary>
/// <remarks>u64 run</remarks>
readonly record struct Started(RunId Run)
{
    public static Started Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(new(wire.UInt64()));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Started);
        wire.UInt64(Run.Value);
    }
}
