using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>
/// A plugin of the contract lines: programs that stay up, each with many runs at once, and speak JSON lines.
/// </summary>
sealed class LinesPlugin(ProcessHost processes, FoundFile file, ILogger log) : IWarmPlugin
{
    private readonly WarmPool _pool = new(processes, file, log);

    public string Name => file.Name;

    public PluginManifest Manifest => file.Manifest;

    public IPluginRun Prepare(in PluginCall call) =>
        new LinesRun(_pool, RunLine.Of(call, file.Name, processes.Worker), call.Secrets);

    public void Retire() => _pool.Retire();
}
