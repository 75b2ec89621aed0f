using TriggerFs.Core.Messages;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>What plugins that are programs have in common: how they are started, watched and ended.</summary>
sealed class ProcessHost : IDisposable
{
    private readonly EventLoop _loop;
    private readonly Launcher _launcher;
    private readonly Reaper _reaper;
    private readonly ChildEnvironment _environment;

    /// <param name="loop">The loop that the runs live on.</param>
    /// <param name="environment">What the programs find in their environment.</param>
    /// <param name="sole">See <see cref="Reaper"/>.</param>
    public ProcessHost(EventLoop loop, ChildEnvironment environment, bool sole)
    {
        Spawner.TakeStandardDescriptors();
        _loop = loop;
        _environment = environment;
        _launcher = new(loop);
        _reaper = new(loop, sole);
    }

    /// <summary>A run of a program, not started yet.</summary>
    public ProcessRun Run(in Run run, string path, StringBlock arguments, byte[]? script = null) =>
        new(_loop, _launcher, _reaper, run.Id.Value, new(path, arguments, _environment.For(run), script));

    /// <summary>Time passed: called about every 50 ms.</summary>
    public void Tick(long nowMs) => _reaper.Tick(nowMs);

    public void Dispose() => _launcher.Dispose();
}
