using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>ssh/run</c>: the message is a command for another host's shell, by the installed client, with the keys and known
/// hosts of the user that it runs as. It never asks anything.
/// </summary>
sealed class SshPlugin(ProcessHost processes) : ClientProgram(processes, "ssh")
{
    public override PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "ssh/run",
        "runs the message as a command on another host; only on hosts that the settings allow",
        "triggerfs client -service demo -plugin ssh/run -args host=web1 -args user=deploy -command uptime",
        new PluginInput("host", Required: true, Pattern: new("[A-Za-z0-9][A-Za-z0-9.:_-]{0,254}")),
        new("user", Pattern: new("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")),
        new("port", InputType.Integer, Default: "22", Pattern: new("[0-9]{1,5}")),
        BuiltInPlugins.PathInput("identity", required: false),
        BuiltInPlugins.PathInput("knownhosts", required: false),
        new("command"));

    protected override byte[] Fill(in PluginCall call, StringBlock arguments)
    {
        string host = Allowance.Find(call, "host")!;
        string? user = Allowance.Find(call, "user");
        Allowance.Check(call, Name, user is null ? host : $"{user}@{host}");
        string? command = Allowance.Find(call, "command");
        foreach (string argument in (string[])["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"])
            arguments.Add(argument);
        AddPair(arguments, "-p", Allowance.Find(call, "port"));
        AddPair(arguments, "-l", user);
        AddPair(arguments, "-i", Allowance.Find(call, "identity"));
        if (Allowance.Find(call, "knownhosts") is { } file) AddPair(arguments, "-o", $"UserKnownHostsFile={file}");
        arguments.Add("--");
        arguments.Add(host);
        // The message is the command, or, where the command is given, what it reads.
        string text = command ?? Line(call);
        if (text.Length == 0)
            throw new TriggerException(ErrorCode.Invalid, "there is no command", "the message is empty",
                "send the command, or give it as -args command=…");
        arguments.Add(text);
        return command is null ? [] : call.Run.Payload.ToArray();
    }
}
