using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>Brings what a request says and what a plugin takes together, before anything starts.</summary>
static class PluginArguments
{
    /// <summary>
    /// Adds the defaults of what is missing; refuses what the plugin does not take, or cannot do without, by its name.
    /// </summary>
    public static void Complete(List<KeyValuePair<string, string>> args, IReadOnlyList<PluginInput>? inputs)
    {
        if (inputs is null) return;
        foreach ((string key, string _) in args)
            if ((inputs.FirstOrDefault(input => input.Name == key) ?? throw Unknown(key, inputs)).IsFixed)
                throw Fixed(key);
        foreach (PluginInput input in inputs)
        {
            if (args.Exists(arg => arg.Key == input.Name)) continue;
            if (input.Default is { } value) args.Add(new(input.Name, value));
            else if (input.Required) throw Missing(input);
        }
    }

    /// <summary>
    /// Refuses values that the plugin does not take. Those of secret inputs are added to what must not be seen, and
    /// nothing that must not is repeated.
    /// </summary>
    public static void Check(
        List<KeyValuePair<string, string>> args, IReadOnlyList<PluginInput>? inputs, List<string> hidden)
    {
        if (inputs is null) return;
        foreach ((string key, string value) in args)
        {
            PluginInput input = inputs.First(input => input.Name == key);
            if (input.Secret && value.Length > 0 && !hidden.Contains(value)) hidden.Add(value);
            input.Check(value, isHidden: hidden.Contains(value));
        }
    }

    private static TriggerException Missing(PluginInput input) => new(
        ErrorCode.Invalid, $"the argument '{input.Name}' is missing", "the plugin cannot do without it",
        $"add it: -args {input.Name}=…");

    private static TriggerException Fixed(string key) => new(
        ErrorCode.NotAllowed, $"the argument '{key}' cannot be chosen", "the worker's settings say what it is",
        "leave it out");

    private static TriggerException Unknown(string key, IReadOnlyList<PluginInput> inputs)
    {
        string[] free = [.. inputs.Where(input => !input.IsFixed).Select(input => input.Name)];
        return new(ErrorCode.Invalid, $"the plugin has no argument '{NameRule.Shown(key)}'",
            free.Length == 0 ? "it takes none" : $"it takes {string.Join(", ", free)}", Spelling.Suggest(key, free));
    }
}
