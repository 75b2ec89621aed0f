using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>What built-in plugins live on.</summary>
sealed record BuiltInHost(EventLoop Loop, ProcessHost Processes, WorkerOptions Options, ILogger Log) : IAsyncDisposable
{
    /// <summary>The session through which the worker writes to triggers.</summary>
    public ChainSession Chain { get; } = new(Options.OpenUser);

    public ValueTask DisposeAsync() => Chain.DisposeAsync();
}

/// <summary>The table of all that is built in.</summary>
static class BuiltInPlugins
{
    /// <summary>What needs nothing of the worker that it runs on.</summary>
    private static readonly IWork[] Works =
    [
        new FileAppendWork(),
        new FileWriteWork(),
        new FileStreamWork(),
        new CopyWork(),
        new GelfWork(),
        new SyslogWork(),
        new GraphiteWork(),
        new StatsdWork(),
        new HttpWork(),
        new SqlWork(),
        new FilterWork(),
        new StatusWork(),
        new KillWork(),
    ];

    /// <summary>The plugins of a worker, with what its settings say of them.</summary>
    /// <exception cref="TriggerException">The settings speak of what is not there.</exception>
    public static IReadOnlyList<IPlugin> Of(BuiltInHost host)
    {
        List<IPlugin> all =
        [
            new CommandPlugin(host.Processes),
            new EchoPlugin(),
            .. Works.Select(work => new WorkPlugin(work, host)),
            new ServicePlugin(host.Processes),
            new SshPlugin(host.Processes),
            new AnsiblePlugin(host.Processes),
            new WorkPlugin(new FlipWork(Path.Join(host.Options.StateFolder, "switches")), host),
            new WorkPlugin(new ChainWork(host.Chain), host),
        ];
        IPlugin[] plain = [.. all];
        foreach (PluginSection section in host.Options.Sections)
        {
            all.RemoveAll(plugin => plugin.Name == section.Name);
            all.Add(new PresetPlugin(Target(plain, section), section));
        }
        return all;
    }

    /// <summary>The work of a name, or null.</summary>
    public static IWork? FindWork(string name) => Array.Find(Works, work => work.Manifest.Name == name);

    /// <summary>A manifest of what is built in.</summary>
    public static PluginManifest Manifest(
        string name, string description, string invocation, params PluginInput[] inputs) => new()
        {
            Name = name,
            Version = Software.Version,
            Description = description,
            Author = "triggerFS",
            Licence = "MIT",
            Inputs = inputs,
            Invocation = invocation,
        };

    /// <summary>An input that is an absolute path.</summary>
    public static PluginInput PathInput(string name, bool required = true) =>
        new(name, Required: required, Pattern: new("/.*"));

    /// <summary>An input that is true or false, and false when it is not given.</summary>
    public static PluginInput FlagInput(string name) => new(name, InputType.Boolean, Default: "false");

    /// <summary>An input that is one of some words.</summary>
    public static PluginInput WordInput(string name, string value, params string[] words) =>
        new(name, Default: value, Pattern: new(string.Join('|', words)));

    private static IRunningPlugin Target(IPlugin[] plain, PluginSection section)
    {
        string name = section.Plugin ?? section.Name;
        if (plain.FirstOrDefault(plugin => plugin.Name == name) is IRunningPlugin { Manifest.Inputs: not null } target)
            return target;
        string[] known = [.. plain.Where(plugin => plugin.Manifest.Inputs is not null).Select(plugin => plugin.Name)];
        throw new TriggerException(ErrorCode.Settings, $"[plugins.\"{section.Name}\"] in the settings is wrong",
            $"no built-in plugin '{NameRule.Shown(name)}' takes arguments",
            Spelling.Suggest(name, known) ?? $"name one of its own: plugin = \"…\", of {string.Join(", ", known)}");
    }
}
