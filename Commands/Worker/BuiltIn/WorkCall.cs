using System.Globalization;
using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>One call of a built-in plugin: the message, the arguments, and for whom it runs.</summary>
sealed class WorkCall
{
    /// <summary>The message, byte for byte.</summary>
    public required byte[] Message { get; init; }

    /// <summary>The arguments, checked against the manifest, with defaults and secrets in their places.</summary>
    public required IReadOnlyDictionary<string, string> Args { get; init; }

    public required IWorkOutput Output { get; init; }

    public required ulong Run { get; init; }

    public string Team { get; init; } = "";

    public string User { get; init; } = "";

    public string Service { get; init; } = "";

    public string Worker { get; init; } = "";

    /// <summary>The trigger's path; empty without one.</summary>
    public string Trigger { get; init; } = "";

    /// <summary>Runs that led to this one.</summary>
    public byte Hops { get; init; }

    /// <summary>The message as text; bytes that are no UTF-8 are replaced.</summary>
    public string MessageText => Encoding.UTF8.GetString(Message);

    /// <summary>The message without the newline at its end, which <c>echo</c> adds.</summary>
    public ReadOnlyMemory<byte> Line
    {
        get
        {
            ReadOnlyMemory<byte> line = Message;
            if (line.Span.EndsWith("\n"u8)) line = line[..^1];
            return line.Span.EndsWith("\r"u8) ? line[..^1] : line;
        }
    }

    /// <summary>A call as it came to the worker, whose bytes are valid during it only.</summary>
    public static WorkCall Of(in PluginCall call, string worker, IWorkOutput output) => new()
    {
        Message = call.Run.Payload.ToArray(),
        Args = call.Args.ToDictionary(),
        Output = output,
        Run = call.Run.Id.Value,
        Team = Encoding.UTF8.GetString(call.Run.Team),
        User = Encoding.UTF8.GetString(call.Run.User),
        Service = Encoding.UTF8.GetString(call.Run.Service),
        Worker = worker,
        Trigger = Encoding.UTF8.GetString(call.Run.Trigger),
        Hops = call.Run.Hops,
    };

    /// <summary>An argument that is there because it is required or has a default.</summary>
    public string Text(string name) => Args[name];

    /// <summary>An argument that may be missing.</summary>
    public string? Find(string name) => Args.GetValueOrDefault(name);

    public bool Flag(string name) => Find(name) == "true";

    /// <summary>A number within bounds; one without is refused by its name.</summary>
    public int Number(string name, int least, int most)
    {
        bool isNumber = int.TryParse(Text(name), CultureInfo.InvariantCulture, out int number);
        return isNumber && number >= least && number <= most
            ? number
            : throw new TriggerException(ErrorCode.Invalid, $"the argument '{name}' is wrong",
                $"{least} to {most} is allowed");
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop) =>
        Output.WriteAsync(bytes, isError: false, stop);

    public ValueTask WriteAsync(string text, CancellationToken stop) =>
        Output.WriteAsync(Encoding.UTF8.GetBytes(text), isError: false, stop);

    public ValueTask WriteErrorAsync(string text, CancellationToken stop) =>
        Output.WriteAsync(Encoding.UTF8.GetBytes(text), isError: true, stop);
}
