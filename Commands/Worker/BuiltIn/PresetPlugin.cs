using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// A built-in plugin with what the settings say of it, under its own name or another one: arguments that no request can
/// change, and what it may do.
/// </summary>
sealed class PresetPlugin : IRunningPlugin
{
    private readonly IRunningPlugin _inner;
    private readonly PluginSection _section;

    /// <exception cref="TriggerException">The plugin takes no such argument, or not with this value.</exception>
    public PresetPlugin(IRunningPlugin inner, PluginSection section)
    {
        (_inner, _section) = (inner, section);
        IReadOnlyList<PluginInput> inputs = inner.Manifest.Inputs ?? [];
        foreach ((string key, string value) in section.Values)
        {
            PluginInput input = inputs.FirstOrDefault(one => one.Name == key) ?? throw Flaw(
                $"{inner.Name} takes no '{NameRule.Shown(key)}'",
                Spelling.Suggest(key, inputs.Select(one => one.Name))
                    ?? $"it takes {string.Join(", ", inputs.Select(one => one.Name))}");
            if (value.StartsWith(Secrets.SecretStore.Prefix, StringComparison.Ordinal)) continue;
            try
            {
                input.Check(value);
            }
            catch (TriggerException problem)
            {
                throw Flaw($"'{key}': {problem.Why}", null);
            }
        }
        Manifest = inner.Manifest with
        {
            Name = section.Name,
            Inputs = [.. inputs.Select(input => section.Values.TryGetValue(input.Name, out string? value)
                ? input with { Default = value, IsFixed = true } : input)],
        };
    }

    public string Name => _section.Name;

    public PluginManifest Manifest { get; }

    public IPluginRun Prepare(in PluginCall call)
    {
        PluginCall preset = call;
        preset.Allow = _section.Allow;
        return _inner.Prepare(preset);
    }

    private TriggerException Flaw(string why, string? fix) =>
        new(ErrorCode.Settings, $"[plugins.\"{_section.Name}\"] in the settings is wrong", why, fix);
}
