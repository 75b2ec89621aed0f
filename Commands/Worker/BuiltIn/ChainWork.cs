using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>trigger/write</c>: writes the message to another trigger, as the user of the worker's settings. It is done when
/// the
/// broker has it on its disk; its answer goes to nobody. The run that it starts is the next of the chain.
/// </summary>
sealed class ChainWork(ChainSession chain) : IOwnWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "trigger/write",
        "writes the message to another trigger, as the user of the worker's settings",
        "triggerfs client -service demo -plugin trigger/write -args path=/alarms/door -command 'door is open'",
        BuiltInPlugins.PathInput("path"));

    public void Check(in PluginCall call)
    {
        foreach ((string key, string value) in call.Args)
            if (key == "path") _ = TriggerPath.Parse(value);
        if (call.Run.Hops >= Limits.HopsMax)
            throw new TriggerException(ErrorCode.TooManyHops, $"ELOOP: {call.Run.Hops} runs led to this one",
                $"a chain may have {Limits.HopsMax}; most likely one of its triggers leads back to another",
                "look what the plugin of each trigger of the chain writes to");
    }

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        string path = call.Text("path");
        await chain.WriteAsync(path, call, stop);
        await call.WriteAsync(
            $"run {call.Run} wrote {call.Message.Length} bytes to {path}, hop {call.Hops + 1}\n", stop);
        return 0;
    }
}
