using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>system/copy</c>: copies the message into a file on the worker's host; a path that ends in <c>/</c> makes that
/// directory.
/// </summary>
sealed class CopyWork : IWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "system/copy",
        "copies the message into a file of the worker's host; makes the directory of a path that ends in /",
        "triggerfs client -service demo -plugin system/copy -args path=/tmp/hello.txt -command hello",
        BuiltInPlugins.PathInput("path"));

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        string path = call.Text("path");
        if (!path.EndsWith('/'))
        {
            PlainFile.Replace(path, call.Message);
            await call.WriteAsync("file has been written.\n", stop);
            return 0;
        }
        if (File.Exists(path.TrimEnd('/'))) throw PlainFile.Failed(path, "there is a file of that name");
        Directory.CreateDirectory(path);
        await call.WriteAsync("directory has been made.\n", stop);
        return 0;
    }
}
