using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>What plugins that could do harm may do: nothing, but for what the worker's settings name.</summary>
static class Allowance
{
    /// <summary>Refuses what no pattern of the settings allows.</summary>
    /// <param name="call">The call, with the patterns.</param>
    /// <param name="plugin">The plugin, for the error.</param>
    /// <param name="names">What it is to be done to; that one of them is allowed will do.</param>
    public static void Check(in PluginCall call, string plugin, params string[] names)
    {
        var patterns = call.Allow.IsDefaultOrEmpty ? [] : call.Allow;
        if (Array.Exists(names, name => Patterns.Match(patterns, name))) return;
        throw new TriggerException(ErrorCode.NotAllowed, $"{plugin} must not touch '{NameRule.Shown(names[0])}' here",
            patterns.IsEmpty ? "the worker's settings allow nothing" : $"they allow {string.Join(", ", patterns)}",
            $"whoever runs the worker can allow it: allow = [\"…\"] under [plugins.\"{plugin}\"]");
    }

    /// <summary>An argument of a call that may be missing.</summary>
    public static string? Find(in PluginCall call, string name)
    {
        foreach ((string key, string value) in call.Args)
            if (key == name) return value;
        return null;
    }
}
