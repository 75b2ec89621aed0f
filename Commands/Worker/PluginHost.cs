using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>Knows the worker's plugins by name.</summary>
sealed class PluginHost
{
    private readonly (byte[] Name, IPlugin Plugin)[] _byName;

    public PluginHost(params IReadOnlyList<IPlugin> plugins) =>
        // Also `X` for a plugin `X/X`, as it was in 2018.
        _byName =
        [
            .. plugins.Select(plugin => (Encoding.UTF8.GetBytes(plugin.Name), plugin)),
            .. plugins.Where(plugin => ShortOf(plugin.Name) is not null)
                .Select(plugin => (Encoding.UTF8.GetBytes(ShortOf(plugin.Name)!), plugin)),
        ];

    /// <summary>The plugin of a name, or null.</summary>
    public IPlugin? Find(ReadOnlySpan<byte> name)
    {
        foreach ((byte[] known, IPlugin plugin) in _byName)
            if (name.SequenceEqual(known)) return plugin;
        return null;
    }

    /// <summary>What to tell somebody who asked for a plugin that is not here.</summary>
    public string Missing(string name)
    {
        IEnumerable<string> names = _byName.Select(one => one.Plugin.Name).Distinct();
        string hint = Spelling.Suggest(name, names) ?? $"there are {string.Join(", ", names)}";
        return $"this worker has no plugin '{NameRule.Shown(name)}'; {hint}";
    }

    private static string? ShortOf(string name) =>
        name.Split('/') is [var folder, var file] && folder == file ? folder : null;
}
