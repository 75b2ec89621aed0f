using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>Answers with what it was sent: shows that a worker is there, and what the way to it costs.</summary>
sealed class EchoPlugin : IInstantPlugin
{
    public string Name => "echo";

    public PluginManifest Manifest { get; } = new()
    {
        Name = "echo",
        Version = Software.Version,
        Description = "answers with what it was sent",
        Author = "triggerFS",
        Licence = "MIT",
        Invocation = "triggerfs client -service demo -plugin echo -command hello",
    };

    public InstantAnswer Answer(scoped in Run run) => new(0, run.Payload);
}
