namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// A plugin of the contract exec: a program for each run, which finds the message on its standard input and the
/// arguments in its environment.
/// </summary>
sealed class ProgramPlugin(ProcessHost processes, FoundFile file) : IRunningPlugin
{
    public string Name => file.Name;

    public PluginManifest Manifest => file.Manifest;

    public IPluginRun Prepare(in PluginCall call)
    {
        var arguments = new StringBlock();
        arguments.Add(file.Path);
        byte[] message = call.Run.Payload.ToArray();
        return processes.Run(call, new(file.Path, arguments)
        {
            Input = message.Length > 0 ? InputKind.Message : InputKind.None,
            Message = message,
        });
    }
}
