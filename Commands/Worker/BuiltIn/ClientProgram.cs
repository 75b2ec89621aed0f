using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// A built-in plugin that is an installed program with arguments. No shell reads them, and what comes from a request
/// never
/// stands where an option could.
/// </summary>
abstract class ClientProgram(ProcessHost processes, string program) : IRunningPlugin
{
    public string Name => Manifest.Name;

    public abstract PluginManifest Manifest { get; }

    public IPluginRun Prepare(in PluginCall call)
    {
        var arguments = new StringBlock();
        arguments.Add(program);
        byte[] input = Fill(call, arguments);
        string file = ProgramFile.Find(program) ?? throw new TriggerException(ErrorCode.NotFound,
            $"{Name} needs the program {program}", "it is in no folder of the worker's PATH", $"install {program}");
        return processes.Run(call, new(file, arguments)
        {
            Input = input.Length > 0 ? InputKind.Message : InputKind.None,
            Message = input,
        }, hasArgs: false);
    }

    /// <summary>Checks a call, adds the program's arguments, and returns what it finds on standard input.</summary>
    protected abstract byte[] Fill(in PluginCall call, StringBlock arguments);

    /// <summary>The message as one line of text, for an argument.</summary>
    protected static string Line(in PluginCall call)
    {
        ReadOnlySpan<byte> message = call.Run.Payload;
        if (message.Contains((byte)0))
            throw new TriggerException(
                ErrorCode.Invalid, "the message has a NUL byte", "a program cannot be given one");
        return Encoding.UTF8.GetString(message).TrimEnd('\n');
    }

    protected static void AddPair(StringBlock arguments, string option, string? value)
    {
        if (string.IsNullOrEmpty(value)) return;
        arguments.Add(option);
        arguments.Add(value);
    }
}
