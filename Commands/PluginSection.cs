using System.Collections.Immutable;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>What the settings say of a built-in plugin: <c>[plugins."NAME"]</c>.</summary>
/// <param name="Name">Its name, or a new one for what <paramref name="Plugin"/> names.</param>
/// <param name="Plugin">The built-in plugin that it is; null when the name says so.</param>
/// <param name="Allow">Patterns of what it may do; <c>*</c> stands for any letters.</param>
/// <param name="Values">Arguments that it always gets, which no request can change.</param>
sealed record PluginSection(
    string Name, string? Plugin, ImmutableArray<string> Allow, ImmutableDictionary<string, string> Values)
{
    private const string TargetKey = "plugin", AllowKey = "allow";

    public static PluginSection Of(string name) => new(PluginName.Parse(name).Value, null, [], []);

    /// <summary>What a key may have as its value.</summary>
    public static SettingKind KindOf(string key) => key switch
    {
        TargetKey => SettingKind.Text,
        AllowKey => SettingKind.List,
        _ => SettingKind.Scalar,
    };

    /// <summary>This with one more key.</summary>
    public PluginSection With(string key, Setting value) => key switch
    {
        TargetKey => this with { Plugin = value.As(PluginName.Parse).Value },
        AllowKey => this with { Allow = value.Each(',', text => text) },
        _ => this with { Values = Values.SetItem(key, value.Text) },
    };
}
