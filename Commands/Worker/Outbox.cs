using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Worker;

/// <summary>What a worker sends through, and when its runs had better not read more output.</summary>
sealed class Outbox(IBrokerLink link)
{
    /// <summary>
    /// Bytes that wait for the kernel, above which output is not read: little, because what is urgent (a Started, the
    /// end of another run) stands behind them.
    /// </summary>
    private const int CongestedAbove = 512 * 1024;

    /// <summary>The message that is written, behind which a body may follow.</summary>
    public WireWriter Wire { get; } = new();

    /// <summary>A run waits to start until what was said before is in the kernel's hands.</summary>
    public bool HasWaitingStarts { get; set; }

    /// <summary>Somebody had no room only because of this, and wants to be asked again.</summary>
    public bool HasWaitingOutput { get; set; }

    public bool IsCongested => link.Unsent is > 0 and var unsent && (unsent > CongestedAbove || HasWaitingStarts);

    /// <summary>All was taken by the kernel, or there is no link that it could wait for.</summary>
    public bool IsEmpty => link.Unsent == 0;

    /// <summary>Sends what is written; false when the link is down.</summary>
    public bool Send(ReadOnlySpan<byte> body = default) => link.Send(Wire.Written, body);
}
