using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary><c>file/write</c>: the message becomes the content of a file, all of it or nothing.</summary>
sealed class FileWriteWork : IWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "file/write",
        "puts the message in the place of a file's content, at once (a new file takes the place of the old one)",
        "triggerfs client -service demo -plugin file/write -args path=/tmp/motd -command 'back at ten'",
        BuiltInPlugins.PathInput("path"),
        new("mode", Pattern: new("0?[0-7]{3}")));

    public Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        UnixFileMode? mode = call.Find("mode") is { } octal ? (UnixFileMode)Convert.ToInt32(octal, 8) : null;
        PlainFile.Replace(call.Text("path"), call.Message, mode);
        return Task.FromResult(0);
    }
}
