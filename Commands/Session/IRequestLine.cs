using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>Where requests are sent, and what becomes of their answers is said. From any thread.</summary>
interface IRequestLine
{
    /// <summary>
    /// Runs a plugin on a service. Input over a limit is thrown; everything later goes to <paramref name="answers"/>.
    /// </summary>
    RequestId Ask(
        string service,
        string plugin,
        ReadOnlySpan<byte> args,
        ReadOnlySpan<byte> payload,
        TimeSpan timeout,
        byte flags,
        IAnswers answers,
        Origin origin = default,
        RolloutRules? rollout = null);

    /// <summary>Listens to a stream. Its output, and its end, go to <paramref name="answers"/>.</summary>
    RequestId Listen(ListenOrder order, IAnswers answers);

    /// <summary>Asks for the end of a request; its answer still comes.</summary>
    void Cancel(RequestId id);

    /// <summary>Reports output as read, for answers that do not consume at once.</summary>
    void Consumed(RequestId id, ReadOnlySpan<byte> worker, int bytes);
}
