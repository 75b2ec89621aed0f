using System.Collections.Immutable;
using TriggerFs.Commands;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>A folder of plugins that a test writes, and a worker that runs them.</summary>
sealed class Workshop : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<WorkerStage> _stage;

    public Workshop(
        Func<WorkerPolicy, WorkerPolicy>? policy = null, SecretsSettings? secrets = null, bool sole = false)
    {
        WorkerPolicy own = new() { PluginsPath = [Path] };
        _stage = new(() => new(policy: policy?.Invoke(own) ?? own, secrets: secrets, sole: sole));
    }

    /// <summary>The folder of the plugins.</summary>
    public string Path => Directory.CreateDirectory(System.IO.Path.Combine(_folder.Path, "plugins")).FullName;

    /// <summary>A folder beside it.</summary>
    public string Beside => _folder.Path;

    /// <summary>The worker, which starts when it is first asked for.</summary>
    public WorkerStage Stage => _stage.Value;

    /// <summary>Writes a program, with the rights that it is to have.</summary>
    public string Program(string name, string text, int mode = 0x1ED) // 0755
    {
        string path = _folder.Write($"plugins/{name}", text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        return path;
    }

    public string Manifest(string name, string json) => _folder.Write($"plugins/{name}", json);

    /// <summary>Calls a plugin to its end.</summary>
    public (End End, string Out, string Err) Run(
        string plugin, string message = "", int timeoutMs = 30_000, params (string, string)[] args)
    {
        ulong run = Stage.Call(plugin, message, timeoutMs, args);
        End end = Stage.EndOf(run);
        return (end, Stage.TextOf(run), Stage.TextOf(run, isError: true));
    }

    /// <summary>Calls a plugin that is not started; why.</summary>
    public string Refusal(int exitCode, string plugin, params (string, string)[] args)
    {
        End end = Run(plugin, "", 30_000, args).End;
        Assert.Equal((Outcome.NotStarted, exitCode), (end.Outcome, end.ExitCode));
        return end.Detail;
    }

    public void Dispose()
    {
        if (_stage.IsValueCreated) _stage.Value.Dispose();
        _folder.Dispose();
    }
}
