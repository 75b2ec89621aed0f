using System.Text;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// A plugin of the contract exec: a program for each run, which finds the message on its standard input and the
/// arguments in its environment, or at descriptors that its environment names.
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
        KeyValuePair<string, string>[] handed = [.. call.Args.Where(arg => IsHanded(arg.Key))];
        var start = new ProgramStart(file.Path, arguments)
        {
            Input = message.Length > 0 ? InputKind.Message : InputKind.None,
            Message = message,
            Handed = [.. handed.Select(arg => Encoding.UTF8.GetBytes(arg.Value))],
        };
        return processes.Run(call, start, [.. handed.Select(arg => arg.Key)]);
    }

    /// <summary>The manifest says that the program reads this one from a descriptor.</summary>
    private bool IsHanded(string key) =>
        Manifest.Inputs is { } inputs && inputs.Any(input => input.Name == key && input.IsByDescriptor);
}
