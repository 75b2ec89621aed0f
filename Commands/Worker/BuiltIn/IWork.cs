using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// What a built-in plugin does, away from the worker's loop: it may wait for a disk, a name server, a peer. It has no
/// state between its runs, any number of which may be under way.
/// </summary>
interface IWork
{
    PluginManifest Manifest { get; }

    /// <summary>
    /// Refuses a call, before anything starts, that its arguments alone do not show to be wrong. On the worker's loop.
    /// </summary>
    void Check(in PluginCall call)
    {
    }

    /// <summary>
    /// Does it, and returns the exit code. What a person can do something about is thrown as a
    /// <see cref="Core.TriggerException"/>; when <paramref name="stop"/> is cancelled it ends soon.
    /// </summary>
    Task<int> RunAsync(WorkCall call, CancellationToken stop);
}

/// <summary>A work that the worker does itself, as its own user, also where its plugins run as another one.</summary>
interface IOwnWork : IWork;

/// <summary>Where a work's output goes. A reader who is slow makes the work wait.</summary>
interface IWorkOutput
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isError, CancellationToken stop);
}
