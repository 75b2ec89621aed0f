using System.Collections.Immutable;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>One call of a plugin, checked against what it takes; its bytes are valid during the call only.</summary>
ref struct PluginCall
{
    /// <summary>What was sent: for whom it runs, and the message.</summary>
    public Run Run;

    /// <summary>The arguments, with defaults and secrets in their places.</summary>
    public List<KeyValuePair<string, string>> Args;

    /// <summary>What of them must not be seen.</summary>
    public IReadOnlyList<string> Secrets;

    /// <summary>What is left of its time, in ms; at most what the manifest allows.</summary>
    public uint TimeoutMs;

    /// <summary>Patterns of what the settings let a plugin do that does nothing else; default for nothing.</summary>
    public ImmutableArray<string> Allow;
}
