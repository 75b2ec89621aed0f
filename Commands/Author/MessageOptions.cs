using System.CommandLine;
using System.Text;
using TriggerFs.Commands.Client;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>What a plugin is called with, in the client's words.</summary>
sealed class MessageOptions
{
    private readonly Option<string?> _command =
        SharedOptions.Text("command", "C", "the message; without it, standard input is the message");

    private readonly Option<string[]> _args = new("--args", "-args")
    {
        Description = "an argument for the plugin; may be given several times",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<string?> _timeout =
        SharedOptions.Text("timeout", "DURATION", "how long it may take (default 30s; a stream runs until Ctrl-C)");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_command, _args, _timeout]) command.Options.Add(option);
    }

    /// <summary>Whether the command line says how the plugin is to be called.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(_command) is not null || Args(parsed).Length > 0;

    /// <summary>The call that the command line describes; nothing is read from standard input.</summary>
    public ClientRequest Request(ParseResult parsed, string plugin) => new(
        PrivateWorker.Name, plugin, Timeout(parsed) ?? Limits.TimeoutDefault,
        Core.Messages.Args.Encode(ClientCommand.ReadArgs(Args(parsed))),
        Encoding.UTF8.GetBytes(parsed.GetValue(_command) ?? ""));

    public string[] Args(ParseResult parsed) => parsed.GetValue(_args) ?? [];

    public TimeSpan? Timeout(ParseResult parsed) =>
        parsed.GetValue(_timeout) is { } text ? ClientCommand.ReadTimeout(text) : null;

    /// <summary>The message, from the command line or from standard input.</summary>
    public Task<byte[]> ReadAsync(ParseResult parsed, CancellationToken stop) =>
        CommandText.ReadAsync(parsed.GetValue(_command), stop);
}

/// <summary>The plugin that a command is about.</summary>
static class PluginArgument
{
    public static Argument<string> New() => new("plugin")
    {
        Description = "its file, the folder that it is in, or the name of one that is installed",
        HelpName = "PLUGIN",
    };
}
