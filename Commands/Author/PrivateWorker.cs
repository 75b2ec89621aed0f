using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Author;

/// <summary>
/// A worker of one's own, without a broker: everything else of it is the real one, from finding a plugin to seeing to
/// it that nothing of a run is left.
/// </summary>
sealed class PrivateWorker : IAsyncDisposable
{
    /// <summary>What plugins find as their team, service, worker and user.</summary>
    public const string Name = "local";

    private readonly LocalLink _link;
    private readonly ProcessHost _processes;
    private readonly PluginDesk _desk;
    private readonly WorkerSession _session;
    private bool _isStarted;

    /// <param name="settings">Of this host.</param>
    /// <param name="policy">What it goes by instead of what the settings say of workers.</param>
    /// <param name="log">Told what happens.</param>
    public PrivateWorker(Settings settings, WorkerPolicy policy, ILogger log)
    {
        var options = new WorkerOptions(Name, Core.Limits.JobsMax, IsSole: true)
        {
            Policy = policy,
            Secrets = settings.Secrets with { Own = settings.File },
            Sections = settings.Plugins,
        };
        _link = new(fault => Log.Faulted(log, fault));
        _processes = new(
            _link.Loop,
            ChildEnvironment.OfThisProcess(Name, policy.Environment),
            sole: true,
            policy.WorkDir,
            Confinement.Of(policy, Software.Executable));
        IReadOnlyList<IPlugin> builtIn = BuiltInPlugins.Of(new(_link.Loop, _processes, options, log));
        Finder = new(builtIn, policy);
        _desk = RunningWorker.Desk(_link.Loop, builtIn, _processes, options, log);
        _session = new(_link, _link.Loop, _desk, _processes, options, log);
    }

    /// <summary>What it has.</summary>
    public PluginFinder Finder { get; }

    /// <summary>Where it is asked to run something.</summary>
    public IRequestLine Line => _link;

    public void Start()
    {
        _isStarted = true;
        _link.Start(_session);
    }

    /// <summary>Ends what runs, and waits until nothing of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isStarted) await _session.StopAsync();
        _processes.Dispose();
        _desk.Dispose();
        await _link.DisposeAsync();
    }
}
