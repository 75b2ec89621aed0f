using System.Collections.Immutable;
using System.IO.Enumeration;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// What a name stands for: a program in one of the folders, else what is built in, as far as the worker may run it.
/// Looks at the disk, so it may take its time; keeps nothing.
/// </summary>
sealed class PluginFinder
{
    private readonly IReadOnlyList<IPlugin> _builtIn;
    private readonly PluginFolder[] _folders;
    private readonly ImmutableArray<string>? _allowed;

    public PluginFinder(IReadOnlyList<IPlugin> builtIn, WorkerPolicy policy)
    {
        bool isRoot = Native.EffectiveUser() == 0;
        _builtIn = builtIn;
        _folders = [.. (policy.PluginsPath ?? []).Select(path => new PluginFolder(path, isRoot))];
        _allowed = policy.Plugins;
    }

    /// <summary>Without folders all is known beforehand.</summary>
    public bool HasFolders => _folders.Length > 0;

    /// <summary>The built-in plugins that may run, under each name that they have.</summary>
    public IEnumerable<(string Name, IPlugin Plugin)> BuiltIn =>
        _builtIn.Where(plugin => MayRun(plugin.Name)).SelectMany(plugin => NamesOf(plugin.Name)
            .Select(name => (name, plugin)));

    /// <summary>Whether the settings let a plugin run, by its whole name.</summary>
    public bool MayRun(string name) => _allowed is not { } patterns || Patterns.Match(patterns, name);

    /// <summary>The program or the built-in plugin of a name; refuses what is not there or must not run.</summary>
    public (FoundFile? File, IPlugin? BuiltIn) Find(string name)
    {
        CheckName(name);
        foreach (PluginFolder folder in _folders)
            if (folder.Find(name) is { } file)
                return MayRun(file.Name) ? (file, null) : throw NotAllowed(file.Name);
        IPlugin builtIn = _builtIn.FirstOrDefault(plugin => NamesOf(plugin.Name).Contains(name)) ?? throw Missing(name);
        return MayRun(builtIn.Name) ? (null, builtIn) : throw NotAllowed(builtIn.Name);
    }

    /// <summary>All plugins by name; one that cannot run comes with the reason.</summary>
    public IReadOnlyList<ListedPlugin> List()
    {
        var all = new SortedDictionary<string, ListedPlugin>(StringComparer.Ordinal);
        foreach (IPlugin plugin in _builtIn.Where(plugin => MayRun(plugin.Name)))
            all[plugin.Name] = new(plugin.Name, plugin.Manifest, null, null);
        foreach (PluginFolder folder in Enumerable.Reverse(_folders))
            foreach (string name in folder.Names().Where(MayRun))
                all[name] = Look(folder, name);
        return [.. all.Values];
    }

    /// <summary>What is wrong with the folders of the settings, to be told when the worker starts.</summary>
    public IEnumerable<string> Flaws() => _folders.Where(folder => !Directory.Exists(folder.FolderPath))
        .Select(folder => $"pluginspath {folder.FolderPath} is no folder that can be looked into");

    /// <summary>What to tell somebody who asked for a plugin that is not here.</summary>
    public TriggerException Missing(string name)
    {
        string[] names =
            [.. _folders.SelectMany(folder => folder.Names()).Concat(_builtIn.Select(one => one.Name)).Where(MayRun)];
        return new(ErrorCode.NotFound, $"this worker has no plugin '{NameRule.Shown(name)}'",
            fix: Spelling.Suggest(name, names.Distinct())
                ?? $"there are {string.Join(", ", names.Distinct().Order(StringComparer.Ordinal).Take(20))}");
    }

    /// <summary>Names come from strangers, and each is a path.</summary>
    private static void CheckName(string name)
    {
        if (name.StartsWith('/'))
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(name)}' cannot be the name of a plugin",
                "it is an absolute path; plugins are named below pluginspath");
        if (name.Split('/').Contains(".."))
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(name)}' cannot be the name of a plugin",
                "'..' leads out of the folder of the plugins");
        _ = PluginName.Parse(name);
    }

    /// <summary>Also <c>X</c> for a plugin <c>X/X</c>, as it was in 2018.</summary>
    private static string[] NamesOf(string name) =>
        name.Split('/') is [var folder, var file] && folder == file ? [name, folder] : [name];

    private static ListedPlugin Look(PluginFolder folder, string name)
    {
        try
        {
            CheckName(name);
            FoundFile? file = folder.Find(name);
            return new(name, file?.Manifest ?? PluginManifest.None, file, file is null ? "it was removed" : null);
        }
        catch (TriggerException flaw)
        {
            string why = flaw.Why is null ? flaw.Message : $"{flaw.Message}: {flaw.Why}";
            return new(name, PluginManifest.None, null, why);
        }
    }

    private TriggerException NotAllowed(string name) => new(
        ErrorCode.NotAllowed, $"the plugin '{name}' must not run on this worker",
        $"its settings allow {string.Join(", ", _allowed!.Value)}", "add it to 'plugins' in the worker's section");
}

/// <summary>One plugin of a listing.</summary>
/// <param name="Name">Its whole name.</param>
/// <param name="Manifest">What it says of itself.</param>
/// <param name="File">Its program; null for a built-in one, and for one that cannot run.</param>
/// <param name="Flaw">Why it cannot run; null when it can.</param>
sealed record ListedPlugin(string Name, PluginManifest Manifest, FoundFile? File, string? Flaw);

/// <summary>Names with <c>*</c> for any letters, as the settings have them.</summary>
static class Patterns
{
    public static bool Match(ImmutableArray<string> patterns, ReadOnlySpan<char> name)
    {
        foreach (string pattern in patterns)
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)) return true;
        return false;
    }
}
