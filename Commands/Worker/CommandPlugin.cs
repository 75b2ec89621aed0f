using TriggerFs.Core;
using TriggerFs.Core.Messages;

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

    public IPluginRun Prepare(in Run run)
    {
        if (run.Payload.Contains((byte)0))
            throw new TriggerException(ErrorCode.Invalid, "the command has a NUL byte", "a shell cannot be given one",
                "send binary data to a plugin that reads it");
        var arguments = new StringBlock();
        arguments.Add(Path.GetFileName(_shell));
        arguments.Add("-c");
        bool isLong = run.Payload.Length > ArgumentMax;
        if (isLong) arguments.Add("eval \"exec 3<&-\n$(cat <&3)\"");
        else arguments.Add(run.Payload);
        return processes.Run(run, _shell, arguments, isLong ? run.Payload.ToArray() : null);
    }
}
