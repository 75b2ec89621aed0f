using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>
/// Where the answers to one request go. Called on the link's loop thread, so nothing here may block; spans are valid
/// during the call only. Exactly one call ends a request: the Finished that carries <see cref="Finished.Last"/>, or
/// Failed.
/// </summary>
interface IAnswers
{
    /// <summary>
    /// True when output counts as read as soon as <see cref="Output"/> returns. False when the reader reports each byte
    /// with <see cref="UserSession.Consumed"/>; the plugin is held back until it does.
    /// </summary>
    bool ConsumesAtOnce { get; }

    /// <summary>
    /// The broker found workers for the request (only when <see cref="Request.TellDispatch"/> was asked for).
    /// </summary>
    void Dispatched(Dispatched dispatched);

    /// <summary>
    /// An asynchronous message is on the broker's disk: the sender may forget it. Its answer still comes, unless the
    /// link breaks, or nobody is there to carry it out.
    /// </summary>
    void Stored()
    {
    }

    /// <summary>The next bytes of one worker's output: in order, none twice, none missing.</summary>
    void Output(in Output output);

    /// <summary>
    /// One worker's run has ended. Its tail holds output that was not seen before; it needs no
    /// <see cref="UserSession.Consumed"/>.
    /// </summary>
    void Finished(in Finished finished);

    /// <summary>The request failed as a whole.</summary>
    void Failed(TriggerException problem);
}
