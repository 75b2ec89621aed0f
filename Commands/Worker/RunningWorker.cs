using Microsoft.Extensions.Logging;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Commands.Worker;

/// <summary>A worker with its link, its plugins and its processes, put together and at work.</summary>
sealed class RunningWorker : IAsyncDisposable
{
    private readonly BrokerLink _link;
    private readonly ProcessHost _processes;
    private readonly WorkerSession _session;

    private RunningWorker(BrokerLink link, ProcessHost processes, WorkerSession session) =>
        (_link, _processes, _session) = (link, processes, session);

    /// <summary>Done once the worker can be sent work for the first time.</summary>
    public Task Ready => _session.Announced;

    /// <summary>Starts a worker: it connects and works from here on.</summary>
    /// <exception cref="Core.TriggerException">The broker's address or key cannot be one.</exception>
    public static RunningWorker Start(WorkerSettings worker, BrokerAddress broker, WorkerOptions options, ILogger log)
    {
        var hello = new Hello(
            PeerRole.Worker, worker.Team, worker.Identity, ProofKind.Token, worker.Token, Software.Name);
        var link = new BrokerLink(new LinkSettings(broker.Address, Keys.ParsePublic(broker.Key), () => hello, log));
        var processes = new ProcessHost(link.Loop, ChildEnvironment.OfThisProcess(worker.Identity), options.IsSole);
        var plugins = new PluginHost(new CommandPlugin(processes), new EchoPlugin());
        var session = new WorkerSession(link, link.Loop, plugins, processes, options, log);
        link.Start(session);
        return new(link, processes, session);
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
        _processes.Dispose();
        await _link.DisposeAsync().ConfigureAwait(false);
    }
}
