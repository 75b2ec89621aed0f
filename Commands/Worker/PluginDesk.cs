using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Go2018;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Commands.Worker.Secrets;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// From a request to a run of a plugin: finds it, checks the arguments, puts secrets in, and guards what comes out.
/// What cannot be is refused before anything starts.
/// </summary>
sealed class PluginDesk(
    PluginCatalog catalog, PluginList list, SecretStore secrets, PairHost pairs, ILogger log) : IDisposable
{
    /// <summary>What there is, for the broker.</summary>
    public PluginList List => list;

    /// <summary>The plugin of a name, null when it must be searched for; refuses one that is not here.</summary>
    public IPlugin? Find(ReadOnlySpan<byte> name) => catalog.Find(name);

    /// <summary>Finds out what a name stands for, and tells it on the loop's thread.</summary>
    public void Search(string name, PluginCatalog.Found found) => catalog.Search(name, found);

    /// <summary>A bug in a plugin: the log has it, and whoever asked is told where to look.</summary>
    public RunEnd Report(Exception fault, RunId run, string plugin)
    {
        Log.PluginFailed(log, fault, run.Value, plugin);
        return RunEnd.NotStarted(126, $"the plugin {plugin} failed; the worker's log has the details");
    }

    /// <summary>Lets go of all that plugins keep running.</summary>
    public void Retire() => catalog.Dispose();

    public void Dispose() => pairs.Dispose();

    /// <summary>Who listens to a plugin that ends by itself has taken it for another one.</summary>
    public static void CheckStream(IPlugin plugin, in Run run)
    {
        if (run.TimeoutMs == 0 && !plugin.Manifest.Stream)
            throw new TriggerException(ErrorCode.Invalid, $"the plugin {plugin.Name} is no stream",
                "its manifest does not say \"stream\": true", "send it a request, or say so in its manifest");
    }

    /// <summary>A run of a plugin, not started; of one that is yet to be found, when it is null.</summary>
    public IPluginRun Prepare(IRunningPlugin? plugin, in Run run)
    {
        if (plugin is null) return new LateRun(this, run);
        PluginManifest manifest = plugin.Manifest;
        List<KeyValuePair<string, string>> args = Args.Decode(run.ArgsBytes);
        PluginArguments.Complete(args, manifest.Inputs);
        List<string> hidden = [.. secrets.Resolve(args, plugin.Name)];
        PluginArguments.Check(args, manifest.Inputs, hidden);
        bool isShort = manifest.Timeout is { } limit && limit.TotalMilliseconds < run.TimeoutMs;
        var call = new PluginCall
        {
            Run = run,
            Args = args,
            Secrets = hidden,
            TimeoutMs = isShort ? (uint)manifest.Timeout!.Value.TotalMilliseconds : run.TimeoutMs,
        };
        IPluginRun prepared = plugin.Prepare(call);
        return hidden.Count > 0 || isShort
            ? new GuardedRun(prepared, hidden, isShort ? manifest.Timeout : null) : prepared;
    }
}
