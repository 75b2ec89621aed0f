using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// <c>command/command</c>: the message is a command for the shell, <c>bash -c</c>, or <c>sh -c</c> where no bash is. It
/// runs as the worker's user, in the worker's folder.
/// </summary>
sealed class CommandPlugin(ProcessHost processes) : IRunningPlugin
{
    /// <summary>
    /// Bytes of a command that is still an argument: the kernel's MAX_ARG_STRLEN is 128 KiB, NUL included.
    /// </summary>
    private const int ArgumentMax = 100 * 1024;

    private readonly string _shell = ProgramFile.Find("bash") ?? ProgramFile.Find("sh") ?? "/bin/sh";

    public string Name => "command/command";

    public PluginManifest Manifest { get; } = new()
    {
        Name = "command/command",
        Version = Software.Version,
        Description = "runs the message as a command of the shell, as the user that plugins run as",
        Author = "triggerFS",
        Licence = "MIT",
        Invocation = "triggerfs client -service demo -plugin command/command -command uptime",
    };

    public IPluginRun Prepare(in PluginCall call)
    {
        ReadOnlySpan<byte> command = call.Run.Payload;
        if (command.Contains((byte)0))
            throw new TriggerException(ErrorCode.Invalid, "the command has a NUL byte", "a shell cannot be given one",
                "send binary data to a plugin that reads it");
        var arguments = new StringBlock();
        arguments.Add(Path.GetFileName(_shell));
        arguments.Add("-c");
        bool isLong = command.Length > ArgumentMax;
        if (isLong) arguments.Add("eval \"exec 3<&-\n$(cat <&3)\"");
        else arguments.Add(command);
        return processes.Run(call, new(_shell, arguments) { Handed = isLong ? [command.ToArray()] : [] });
    }
}
