using System.Collections.Immutable;
using TriggerFs.Commands;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>A worker with nothing but what is built in, and a folder beside it.</summary>
sealed class Yard : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Yard(
        IReadOnlyList<PluginSection>? sections = null, SecretsSettings? secrets = null, WorkerPolicy? policy = null)
    {
        try
        {
            Stage = new(sections: sections, secrets: secrets, policy: policy);
        }
        catch
        {
            _folder.Dispose(); // Nobody has what throws when it is made.
            throw;
        }
    }

    public string Folder => _folder.Path;

    public WorkerStage Stage { get; }

    public static PluginSection Section(
        string name, string? plugin, string[] allow, params (string Key, string Value)[] values) =>
        new(name, plugin, [.. allow], values.ToImmutableDictionary(pair => pair.Key, pair => pair.Value));

    public string Path(string name) => System.IO.Path.Combine(Folder, name);

    /// <summary>Calls a plugin to its end.</summary>
    public (End End, string Out, string Err) Run(
        string plugin, string message = "", int timeoutMs = 30_000, params (string, string)[] args)
    {
        ulong run = Stage.Call(plugin, message, timeoutMs, args);
        End end = Stage.EndOf(run);
        return (end, Stage.TextOf(run), Stage.TextOf(run, isError: true));
    }

    /// <summary>Calls a plugin that must succeed; its output.</summary>
    public string Do(string plugin, string message, params (string, string)[] args)
    {
        (End end, string output, string error) = Run(plugin, message, 30_000, args);
        Assert.True(
            (end.Outcome, end.ExitCode) == (Outcome.Done, 0), $"{end.Outcome} {end.ExitCode} {end.Detail} {error}");
        return output;
    }

    /// <summary>Calls a plugin that starts and fails; why.</summary>
    public string Failure(int exitCode, string plugin, string message, params (string, string)[] args)
    {
        End end = Run(plugin, message, 30_000, args).End;
        Assert.Equal((Outcome.Done, exitCode), (end.Outcome, end.ExitCode));
        return end.Detail;
    }

    /// <summary>Calls a plugin that is not started; why.</summary>
    public string Refusal(string plugin, string message, params (string, string)[] args)
    {
        End end = Run(plugin, message, 30_000, args).End;
        Assert.Equal((Outcome.NotStarted, 126), (end.Outcome, end.ExitCode));
        return end.Detail;
    }

    public void Dispose()
    {
        Stage.Dispose();
        _folder.Dispose();
    }
}
