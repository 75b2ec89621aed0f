using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>Answers with what it was sent: shows that a worker is there, and what the way to it costs.</summary>
sealed class EchoPlugin : IInstantPlugin
{
    public string Name => "echo";

    public InstantAnswer Answer(scoped in Run run) => new(0, run.Payload);
}
