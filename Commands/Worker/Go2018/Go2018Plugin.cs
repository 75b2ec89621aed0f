using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.Go2018;

/// <summary>
/// A plugin of 2018, unchanged: a program for each run that is called by JSON-RPC 1.0 on its standard input and output,
/// and sends its lines through ZeroMQ.
/// </summary>
sealed class Go2018Plugin(ProcessHost processes, PairHost pairs, FoundFile file, ILogger log) : IRunningPlugin
{
    public string Name => file.Name;

    public PluginManifest Manifest => file.Manifest;

    public IPluginRun Prepare(in PluginCall call)
    {
        var arguments = new StringBlock();
        arguments.Add(file.Path);
        ProcessRun process = processes.Run(
            call, new(file.Path, arguments) { Input = InputKind.Open }, hasArgs: false);
        var errors = new LogLines(log, file.Name);
        errors.Hide(call.Secrets);
        return new Go2018Run(process, pairs, RpcMessage.Of(call), errors);
    }
}
