using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>A plugin as its author names it, and the worker's settings under which that is found.</summary>
/// <param name="Name">Its name below one of the folders.</param>
/// <param name="Policy">The settings of this host, with the folder that it is in.</param>
sealed record PluginPlace(string Name, WorkerPolicy Policy)
{
    /// <summary>What a worker of this host goes by; what only root can have is left out for others.</summary>
    public static WorkerPolicy PolicyOf(Settings settings)
    {
        WorkerPolicy policy = settings.Workers.All is [var only] ? settings.PolicyOf(only) : settings.Workers.Policy;
        return Environment.IsPrivilegedProcess ? policy : policy with { User = null };
    }

    /// <summary>
    /// What somebody means who names a program's file, the folder of one, or a plugin that is installed: the first of
    /// these that is there.
    /// </summary>
    public static PluginPlace Of(string text, Settings settings)
    {
        WorkerPolicy policy = PolicyOf(settings);
        string path = Path.GetFullPath(text);
        if (Directory.Exists(path) && File.Exists(Path.Join(path, Path.GetFileName(path))))
            path = Path.Join(path, Path.GetFileName(path));
        if (text.Length > 0 && File.Exists(path)) return OfFile(path, policy);
        return new(text, policy);
    }

    private static PluginPlace OfFile(string path, WorkerPolicy policy)
    {
        string? folder = (policy.PluginsPath ?? []).FirstOrDefault(one => path.StartsWith(one + "/"));
        if (folder is null)
        {
            folder = Path.GetDirectoryName(path)!;
            // X/X is the plugin X.
            if (Path.GetFileName(folder) == Path.GetFileName(path)) folder = Path.GetDirectoryName(folder)!;
        }
        // It was named by its file, so it is this one, whatever else the settings allow.
        return new(Path.GetRelativePath(folder, path), policy with { PluginsPath = [folder], Plugins = null });
    }

    /// <summary>
    /// What it is: looked for by the worker's own rules, and refused as a worker refuses it.
    /// </summary>
    public ListedPlugin Find(PluginFinder finder)
    {
        (FoundFile? file, IPlugin? builtIn) = finder.Find(Name);
        return new(file?.Name ?? builtIn!.Name, file?.Manifest ?? builtIn!.Manifest, file, null);
    }

    /// <summary>How a plugin is talked with, in a word.</summary>
    public static string ContractOf(ListedPlugin plugin, WorkerPolicy policy) =>
        plugin.File is { } file ? WorkerKeys.NameOf(file.ContractOr(policy.Contract)) : "built-in";
}
