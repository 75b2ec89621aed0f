using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Commands.Worker.Go2018;
using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Commands.Worker.Lines;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>A worker with its link, its plugins and its processes, put together and at work.</summary>
sealed class RunningWorker : IAsyncDisposable
{
    private readonly BrokerLink _link;
    private readonly ProcessHost _processes;
    private readonly PluginDesk _plugins;
    private readonly WorkerSession _session;
    private readonly BuiltInHost _builtIn;

    private RunningWorker(
        BrokerLink link, ProcessHost processes, PluginDesk plugins, WorkerSession session, BuiltInHost builtIn) =>
        (_link, _processes, _plugins, _session, _builtIn) = (link, processes, plugins, session, builtIn);

    /// <summary>Done once the worker can be sent work for the first time.</summary>
    public Task Ready => _session.Announced;

    /// <summary>Starts a worker: it connects and works from here on.</summary>
    /// <exception cref="Core.TriggerException">The broker's address or key cannot be one.</exception>
    public static RunningWorker Start(WorkerSettings worker, BrokerAddress broker, WorkerOptions options, ILogger log)
    {
        var proof = new WorkerProof(worker.Token, options.Tokens);
        var link = new BrokerLink(new LinkSettings(broker.Address, Keys.ParsePublic(broker.Key), Hello, log));
        WorkerPolicy policy = options.Policy;
        ControlGroups? groups = Groups(options, log);
        var processes = new ProcessHost(
            link.Loop,
            ChildEnvironment.OfThisProcess(worker.Identity, policy.Environment),
            options.IsSole,
            policy.WorkDir,
            Confinement.Of(policy, Software.Executable, groups is not null),
            groups);
        // Behind the last look at our own environment, and before the first program runs.
        if (options.IsSole) OwnSecrets.Hide();
        var builtIn = new BuiltInHost(link.Loop, processes, options, log);
        PluginDesk desk = Desk(link.Loop, BuiltInPlugins.Of(builtIn), processes, options, log);
        var session = new WorkerSession(link, link.Loop, desk, processes, options, log) { Proof = proof };
        link.Start(session);
        return new(link, processes, desk, session, builtIn);

        Hello Hello() =>
            new(PeerRole.Worker, worker.Team, worker.Identity, ProofKind.Token, proof.Token, Software.Name);
    }

    /// <summary>A process that is nothing but a worker may put itself into a control group below its own.</summary>
    private static ControlGroups? Groups(WorkerOptions options, ILogger log)
    {
        if (!options.IsSole) return null;
        var groups = ControlGroups.Open(options.Policy, GroupPlace.OfThisProcess(), out string? why);
        if (why is not null) Log.NoGroups(log, why);
        return groups;
    }

    /// <summary>The plugins of a worker: those that are built in, and those of its settings' folders.</summary>
    public static PluginDesk Desk(
        EventLoop loop, IReadOnlyList<IPlugin> builtIn, ProcessHost processes, WorkerOptions options, ILogger log)
    {
        var finder = new PluginFinder(builtIn, options.Policy);
        foreach (string flaw in finder.Flaws()) Log.FolderFlaw(log, flaw);
        var pairs = new PairHost(loop);
        var catalog = new PluginCatalog(loop, finder, Make, log);
        string? credentials = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY");
        var list = new PluginList(loop, finder, options.Policy.Contract);
        return new(catalog, list, new(options.Secrets, credentials), pairs, log);

        IPlugin Make(FoundFile file) => file.ContractOr(options.Policy.Contract) switch
        {
            PluginContract.Lines => new LinesPlugin(processes, file, log),
            PluginContract.Go2018 => new Go2018Plugin(processes, pairs, file, log),
            _ => new ProgramPlugin(processes, file),
        };
    }

    /// <summary>Works until it is asked to stop; then ends what runs and leaves. Throws the broker's refusal.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await _session.Ended.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await _session.StopAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _session.StopAsync().ConfigureAwait(false);
        await _builtIn.DisposeAsync().ConfigureAwait(false);
        _processes.Dispose();
        _plugins.Dispose();
        await _link.DisposeAsync().ConfigureAwait(false);
    }
}
