using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// A built-in plugin: its work is done in the worker's process, or, where the settings say under which limits and as
/// which user plugins run, in a process of its own under these.
/// </summary>
sealed class WorkPlugin(IWork work, BuiltInHost host) : IRunningPlugin
{
    public string Name => work.Manifest.Name;

    public PluginManifest Manifest => work.Manifest;

    public IPluginRun Prepare(in PluginCall call)
    {
        work.Check(call);
        if (!host.Processes.IsConfined || work is IOwnWork)
            return new WorkRun(host.Loop, work, call, host.Processes.Worker, host.Log);
        var arguments = new StringBlock();
        foreach (string argument in (string[])["triggerfs", WorkProcess.Word, Name]) arguments.Add(argument);
        return host.Processes.Run(call, new(Software.Executable, arguments)
        {
            Input = InputKind.Message,
            Message = call.Run.Payload.ToArray(),
        });
    }
}
