using System.Text;
using Microsoft.Win32.SafeHandles;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>file/append</c>: each message is one line at the end of a file. The file is opened for each, so that a rotated
/// one is left at once, and a line is one write(2) with O_APPEND, so that lines of several writers never mix.
/// </summary>
sealed class FileAppendWork : IWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "file/append",
        "appends the message to a file, as one line",
        "triggerfs client -service demo -plugin file/append -args path=/tmp/readings.log -command 21.5",
        BuiltInPlugins.PathInput("path"),
        BuiltInPlugins.FlagInput("timestamp"),
        BuiltInPlugins.FlagInput("fsync"));

    public Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        byte[] line = LineOf(call.Line.Span, call.Flag("timestamp") ? DateTime.UtcNow : null);
        using SafeFileHandle file = PlainFile.OpenToAppend(call.Text("path"));
        RandomAccess.Write(file, line, 0); // The kernel puts it at the end.
        if (call.Flag("fsync")) RandomAccess.FlushToDisk(file);
        return Task.FromResult(0);
    }

    /// <summary>One line of a message; a newline within it is written as <c>\n</c>.</summary>
    public static byte[] LineOf(ReadOnlySpan<byte> message, DateTime? time)
    {
        var line = new List<byte>(message.Length + 32);
        if (time is { } stamp)
            line.AddRange(Encoding.ASCII.GetBytes($"{Rfc3339.Milliseconds(stamp)} "));
        foreach (byte one in message)
            if (one == '\n') line.AddRange("\\n"u8);
            else line.Add(one);
        line.Add((byte)'\n');
        return [.. line];
    }
}
